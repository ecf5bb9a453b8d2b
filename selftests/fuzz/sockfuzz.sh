#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Stress and fuzz of the socket API: wild calls beside honest ones, on one node
# and between two, with a bad cable, and with allocations that fail.
#
# A script of the lab, part of "make soak" and, in its short form, of "make
# check" (test_fuzz.sh).
#
# SOAK=SECONDS: each part takes that long. SEED=N: repeat a run.
#
# shellcheck source-path=SCRIPTDIR source=../lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
top=${LAB_REPO:-$(readlink -f "$here/../..")}
. "$top/selftests/lab/tap.sh"

prog=$top/build/selftests/fuzz/sockfuzz
SEED=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
seconds=${SOAK:-6}
ops=4000
[ -z "$SOAK" ] || ops=1000000000
[ "$LAB_KERNEL" = debug ] || [ -n "$SOAK" ] || ops=20000

# fuzz NAME ARG...: one part, with what it printed
fuzz()
{
	local name=$1 out status=0

	shift
	out=$("$prog" -H n1 -s "$SEED" -n "$ops" -t "$seconds" "$@" 2>&1) || status=$?
	t_result "$status" "$name, seed $SEED"
	t_note "$out"
	SEED=$((SEED + 1))
}

# Failures on purpose, said once and not for each
inject()
{
	local d=/sys/kernel/debug

	[ -e /proc/self/fail-nth ] || return
	[ -d $d/failslab ] || mount -t debugfs none $d 2>/dev/null
	for f in failslab fail_page_alloc fail_usercopy; do
		[ -d $d/$f ] || continue
		echo 0 >$d/$f/verbose
		echo 0 >$d/$f/probability
	done
	echo N >$d/failslab/ignore-gfp-wait
	echo N >$d/fail_page_alloc/ignore-gfp-wait
}

t_ok "the program is built" make -s -C "$here"
for scen in $("$prog" -S list); do
	t_ok "scenario $scen" "$prog" -H n1 -S "$scen"
done
fuzz "one node"
fuzz "two nodes" -N n2
impair 1 loss 5%
fuzz "two nodes, frames are lost" -N n2 -l
impair 1
# Only the debug kernel can let them fail.
if inject; then
	fuzz "allocations fail" -N n2 -l -F
fi
t_ok "the module can be removed" t_eventually 30 rmmod qnet
done_testing
