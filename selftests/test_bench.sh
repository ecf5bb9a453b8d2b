#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The benchmark's own footing. On a direct cable under the instruction clock:
# figures repeat, a small call to another node takes the frames it should,
# README.rst prints what was measured. On a bad cable: the program, which
# checks every byte of every answer, goes through all the same.
#
# lab: -n 2 -i -e LAB_CABLE=direct
# lab: -n 2
# kernels: stock
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"

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

# at_most A B
at_most()
{
	python3 -c 'import sys; a, b = map(float, sys.argv[1:]); sys.exit(a > b)' "$@"
}

good_cable()
{
	local one two

	one=$("$tmp/qnet_bench" qnet-remote 64 2>&1)
	two=$("$tmp/qnet_bench" qnet-remote 64 2>&1)
	t_like "a measurement" "$one" '"instructions": [0-9]+,'
	t_like "another one" "$two" '"instructions": [0-9]+,'
	t_ok "they agree within 0.5 %" \
		close "$(field instructions "$one")" "$(field instructions "$two")"
	t_ok "at most 4 frames per call" at_most "$(field frames "$one")" 4
	t_like "a size a transport has not: null" \
		"$("$tmp/qnet_bench" packet 65536)" \
		'"instructions": null, .*"reason": "'
	t_ok "README.rst prints what was measured" \
		"$here/bench/readme-table" --check
}

# counter NAME: on node 1
counter()
{
	on 1 awk -v name="$1" '$1 == name { print $2 }' /proc/net/qnet/stats
}

bad_cable()
{
	local bytes

	impair 1 delay 2ms 1ms loss 5% duplicate 3% reorder 5%
	for bytes in 64 1400 65536; do
		t_like "$bytes bytes, lost, doubled and reordered" \
			"$("$tmp/qnet_bench" -w 1 -r 20 qnet-remote $bytes 2>&1)" \
			'"instructions": [0-9]+,'
	done
	t_like "frames were sent again" "$(counter tx_retrans)" '^[1-9]'
	t_like "frames came twice" "$(counter rx_dup)" '^[1-9]'
}

t_ok "the program builds" make --no-print-directory -C "$here/bench" \
	BUILD="$tmp" STAGE="$LAB_REPO/build/stage"
if [ "$LAB_CABLE" = direct ]; then
	good_cable
else
	bad_cable
fi
done_testing
