#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The netlink family, from its spec alone: the kernel's own client (tools/net/ynl
# of 6.12) reads Documentation/netlink/specs/qnet.yaml and uses every operation
# in it, see ynl/drive; lists that change while they are read, see ynl/torn; every
# malformed request that the spec lets one think of, see ynl/bad.
#
# lab: -n 2 -m netns -l 2
# kernels: stock
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh

here=$LAB_REPO/selftests
. "$here/lab/tap.sh"
# shellcheck source=watchdog/lib.sh
. "$here/watchdog/lib.sh"
# shellcheck source=api/run.sh
. "$here/api/run.sh"

ynl=$LAB_REPO/build/ynl
shim=$LAB_REPO/build/selftests/ynl/torn.so
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if ! python3 -c 'import yaml'; then
	echo "1..0 # SKIP python3-yaml is missing"
	exit
fi

w_build && make -s -C "$here/ynl" || exit
w_serve || exit
if [ ! -e "$ynl/tools/net/ynl" ]; then
	t_skip "the kernel's own client" "no source of Linux 6.12 (make tests fetches it)"
elif ! python3 -c 'import jsonschema'; then
	t_skip "the kernel's own client" "python3-jsonschema is missing"
else
	api_run drive on 1 python3 "$here/ynl/drive" "$ynl" \
		"$LAB_REPO/Documentation/netlink/specs/qnet.yaml" \
		"$W/circuits" "$VM/echo"
fi

# ---- Lists that change while they are read

api_run torn on 1 python3 -B "$here/ynl/torn" "$W/circuits"

# torn N: what the tool prints when the first N times a list came it had changed
torn()
{
	on 1 env LD_PRELOAD="$shim" TORN="$1" qnetconfig -j bearer \
		2>"$tmp/stderr" </dev/null
}

want=$(on 1 qnetconfig -j bearer </dev/null)
t_is "a list that changed twice is asked for again" "$(torn 2)" "$want"
t_is "without a word" "$(cat "$tmp/stderr")" ""
t_is "one that changes always comes once, as it was last" "$(torn 3)" "$want"
t_is "and is said to" "$(cat "$tmp/stderr")" \
	"This changed each of 3 times it was read: what came or went meanwhile may be missing; type it again."

# ---- What the kernel must not take

api_run bad on 1 python3 -B "$here/ynl/bad"
done_testing
