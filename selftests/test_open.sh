#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two nodes find each other over a way that is slow: so slow that what both say
# first is under way at the same time. Neither disturbs the other, and once it is
# known how slow the way is nothing goes twice. What is called before a connection is
# open goes through, however much it is.
# By the instruction clock, so that times are those of the nodes.
#
# lab: -n 2 -i
# kernels: stock
# timeout: 180
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034,SC2317

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"
. "$here/api/run.sh"

# One way, ms: a round trip is a little shorter than an opening may take.
delay=350
tracing=/sys/kernel/tracing
rounds=3

# strangers: each knows where the other is, and no more
strangers()
{
	local n m

	for n in 1 2; do
		m=$((3 - n))
		on $n qnetconfig peer del n$m </dev/null
		on $n qnetconfig peer add n$m dev q0 lladdr \
			"$(on $m cat /sys/class/net/q0/address </dev/null)" </dev/null
	done >/dev/null
}

# both_open: at once
both_open()
{
	local n job=()

	echo >$tracing/trace
	for n in 1 2; do
		on $n qnetconfig node ping n$((3 - n)) count 2 </dev/null \
			>"$M_DIR/ping.$n" 2>&1 &
		job+=($!)
	done
	wait "${job[@]}"
	for n in 1 2; do
		on $n qnetconfig -j node show n$((3 - n)) </dev/null
	done | grep -c '"state":"up"'
}

# opened: of the trace, how many openings there were, how many ended well, how
# many connections were lost, and whether both began before either was heard
opened()
{
	python3 -c 'import re, sys
at = {"opening": [], "up": [], "down": []}
for line in open(sys.argv[1]):
    m = re.search(r" (\d+\.\d+): qnet_node: .* to=(\w+)", line)
    if m and m[2] in at:
        at[m[2]].append(float(m[1]))
begin = at["opening"]
crossed = len(begin) > 1 and begin[1] - begin[0] < float(sys.argv[2]) / 1000
print(len(begin), len(at["up"]), len(at["down"]), int(crossed))' \
		$tracing/trace $delay
}

t_ok "test programs are built" m_build
impair 1 q0 delay ${delay}ms
mount -t tracefs none $tracing 2>/dev/null
echo 1 >$tracing/events/qnet/qnet_node/enable
crossings=0
for ((i = 0; i < rounds; i++)); do
	strangers
	t_is "round $i: both are up" "$(both_open)" 2
	read -r begun up down crossed <<<"$(opened)"
	t_is "round $i: each has opened once, and none was lost" \
		"$begun $up $down" "2 2 0"
	[ "$begun $up $down" = "2 2 0" ] ||
		t_note "$(grep qnet_node: $tracing/trace)"
	crossings=$((crossings + crossed))
done
t_note "$crossings of $rounds crossed"
t_ok "openings have crossed" test $crossings -gt 0
echo 0 >$tracing/events/qnet/qnet_node/enable

# Until it is known how long a round trip takes, all goes again
m_fresh -m 2
m_call -k 1 -n 8 -S 1000 -T 60
m_verdict "calls over a slow way" 8
before=$(($(m_stat 1 tx_retrans) + $(m_stat 2 tx_retrans)))
m_call -k 1 -n 8 -S 1000 -T 60
m_verdict "and more of them" 8
t_is "of which nothing goes twice" \
	"$(($(m_stat 1 tx_retrans) + $(m_stat 2 tx_retrans) - before))" 0
m_end_servers

# A server that fetches their data one after the other need not take so long.
impair 1 q0 delay 50ms
api_agent 2
t_result $? "an agent is up"
api_run large on 1 env QNET_TEST_ND=n2 QNET_TEST_AGENT="$AGENT" "$API/large" \
	many_on_a_connection_that_opens
impair 1 q0
done_testing
