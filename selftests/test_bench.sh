#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The benchmark's own footing: the instruction clock repeats, a small call to
# another node takes the frames it should, README.rst prints what was measured.
#
# lab: -n 2 -i -e LAB_CABLE=direct
# kernels: stock
# timeout: 120

# shellcheck source=selftests/lab/tap.sh
. "$LAB_REPO/selftests/lab/tap.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# field NAME JSON
field()
{
	python3 -c 'import json, sys; print(json.loads(sys.argv[2])[sys.argv[1]])' "$@"
}

# close A B: within 0.5 %
close()
{
	python3 -c 'import sys
a, b = map(float, sys.argv[1:])
sys.exit(abs(a - b) > 0.005 * min(a, b))' "$@"
}

plan 7
t_ok "the program builds" make --no-print-directory -C "$LAB_REPO/selftests/bench" \
	BUILD="$tmp" STAGE="$LAB_REPO/build/stage"
one=$("$tmp/qnet_bench" qnet-remote 64 2>&1)
two=$("$tmp/qnet_bench" qnet-remote 64 2>&1)
t_like "a measurement" "$one" '"instructions": [0-9]+,'
t_like "another one" "$two" '"instructions": [0-9]+,'
t_ok "they agree within 0.5 %: $(field instructions "$one"), $(field instructions "$two")" \
	close "$(field instructions "$one")" "$(field instructions "$two")"
t_ok "at most 4 frames per call: $(field frames "$one")" \
	python3 -c 'import sys; sys.exit(float(sys.argv[1]) > 4)' "$(field frames "$one")"
t_like "a size a transport has not: null" "$("$tmp/qnet_bench" packet 65536)" \
	'"instructions": null, .*"reason": "'
t_ok "README.rst prints what was measured" "$LAB_REPO/selftests/bench/readme-table" --check
done_testing
