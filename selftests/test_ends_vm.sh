#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What test_ends.sh shows, for ends that take a kernel of their own: nodes that
# lose power with clients or servers on them, that come back, whose module is
# taken out. And how long it takes until a node without power is given up:
# ENDS_RUNS power cuts (selftests/soak/run: more).
#
# lab: -n 3 -m vm
# kernels: stock
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"
. "$here/ends/lib.sh"

RUNS=${ENDS_RUNS:-5}

# found NODE...: by node 1
found()
{
	local n

	for n in "$@"; do
		t_eventually $E_PATIENCE on 1 qnetconfig node resolve "n$n" \
			</dev/null >/dev/null
	done
}

# power_off NODE PROCESS...: with all that runs there; those have been told of
power_off()
{
	local node=$1

	shift
	crash "$node"
	e_forget "$@"
}

server_loses_power()
{
	local p

	e_pairs there 1 2
	for p in "${E_PAIRS[@]}"; do
		e_await "$p" 2 $E_WORST
	done
	e_now
	power_off 2 "${E_PAIRS[@]/%/.s}" spare2.s
	e_lost "${E_PAIRS[@]}"
	boot 2
	found 2
	e_spare 2
	e_rows spare2 "server's node loses power" "$E_DOWN" - $E_WORST \
		"${E_PAIRS[@]}"
}

# Nobody on node 1 waits for the others: it notices when it asks who is idle. Of
# node 3 there is only a client that is idle.
client_loses_power()
{
	local p pairs began

	e_pairs here 2 1
	pairs=("${E_PAIRS[@]}")
	E_KINDS=idle e_pairs alone 3 1
	for p in "${pairs[@]}" alone.idle; do
		e_watch "$p"
	done
	e_now
	began=$E_T0
	crash 2
	e_now
	crash 3
	e_server alone.idle
	E_T0=$began
	for p in "${pairs[@]}"; do
		e_server "$p"
		e_row "$p" "client's node loses power" remote - "" "$E_LEFT" $E_WORST
	done
	e_row alone.idle "the same, and all is idle" remote - "" "$E_LEFT" $E_WORST
	e_forget spare2.s
	boot 3 &
	boot 2
	wait $!
	found 2 3
	e_spare 2
}

# Told when the node is back, at the latest when it speaks: its boot id tells
both_restart()
{
	local p clients servers max

	e_pairs here 2 1
	clients=("${E_PAIRS[@]}")
	e_pairs there 1 2
	servers=("${E_PAIRS[@]}")
	for p in "${clients[@]}"; do
		e_watch "$p"
	done
	for p in "${servers[@]}"; do
		e_await "$p" 2 $E_LEAST
	done
	e_now
	power_off 2 "${servers[@]/%/.s}" spare2.s
	boot 2
	t_note "node 2 is back after $((${EPOCHREALTIME/./} / 1000 - E_T0 / 1000)) ms"
	e_start speaker.c 2 "$E_BIN/ends/client"
	E_TO[speaker]=n1
	e_fresh speaker spare1
	t_is "the node that came back is served" "${E_CLIENT[speaker]}" "|OK"
	max=$((${EPOCHREALTIME/./} / 1000 - E_T0 / 1000 + E_TOLD))
	for p in "${clients[@]}"; do
		e_server "$p"
		e_row "$p" "client's node restarts" remote - "" "$E_LEFT" $max
	done
	for p in "${servers[@]}"; do
		e_client "$p" 2
		e_next "$p"
	done
	e_fresh_all "${servers[@]}"
	e_spare 2
	e_rows spare2 "server's node restarts" \
		"${E_DOWN/|EHOSTUNREACH|/|ESRCH|}" - $max "${servers[@]}"
	e_end speaker.c
}

# module in|out: of node 2
module()
{
	if [ "$1" = out ]; then
		on 2 rmmod qnet </dev/null
	else
		on 2 bash -c '. "$0/lab/guest/default-state"
			load_module && node_config 2 | qnetconfig -b -' "$here" </dev/null
	fi
}

module_removed()
{
	local p servers clients

	e_pairs there 1 2
	servers=("${E_PAIRS[@]}")
	e_pairs here 2 1
	clients=("${E_PAIRS[@]}")
	for p in "${servers[@]}"; do
		e_await "$p" 2 $E_LEAST
	done
	for p in "${clients[@]}"; do
		e_watch "$p"
	done
	t_fail "the module cannot be taken out while it is used" module out
	e_now
	e_kill KILL "${servers[@]/%/.s}" "${clients[@]/%/.c}" spare2.s
	t_ok "but when all who used it are dead" \
		t_eventually $E_PATIENCE module out
	e_forget "${servers[@]/%/.s}" "${clients[@]/%/.c}" spare2.s
	for p in "${clients[@]}"; do
		e_server "$p"
		e_row "$p" "client's module is removed" remote - "" \
			"$E_LEFT" $E_TOLD
	done
	e_lost "${servers[@]}"
	t_ok "it comes back" module in
	found 2
	e_spare 2
	e_rows spare2 "server's module is removed" \
		"${E_GONE/|ESRCH|/|EHOSTUNREACH|}" - $E_TOLD "${servers[@]}"
}

# How long it takes; one node boots while the other is waited for.
detection_time()
{
	local i n times=() booting=()

	for ((i = 0; i < RUNS; i++)); do
		n=$((2 + i % 2))
		[ ! "${booting[n]}" ] || wait "${booting[n]}"
		found $n
		E_KINDS=reply e_pairs there 1 $n
		e_await there.reply 2 $E_WORST
		e_now
		power_off $n there.reply.s
		e_client there.reply 2
		t_is "power cut $((i + 1)): the client is told" \
			"${E_CLIENT[there.reply]}" "EHOSTDOWN*1|1 1 0"
		times+=("${E_CMS[there.reply]:-$((E_WORST + 1))}")
		e_ask there.reply.c detach
		[ $((i + 2)) -ge "$RUNS" ] || {
			boot $n &
			booting[n]=$!
		}
	done
	mapfile -t times < <(printf '%s\n' "${times[@]}" | sort -n)
	t_note "a node without power is given up after ${times[0]} to ${times[-1]} ms," \
		"median ${times[RUNS / 2]} ms, in $RUNS power cuts;" \
		"at most $E_WORST are allowed" | tee "$LAB_OUT/detection.txt"
	t_ok "each within the documented time" test "${times[-1]}" -le "$E_WORST"
	t_ok "and not before it was polled that often" \
		test "${times[0]}" -ge "$E_LEAST"
}

t_ok "test programs are built" e_build
e_watchdog poll-period 1 idle-time 1 num-polls 3
e_spare 1
e_spare 2
# Once, so that what stays for good is there
E_KINDS=many e_pairs warm 1 2
e_end_pairs "${E_PAIRS[@]}"
bytes=$(on 1 bash -c "$(declare -f m_kmalloc); m_kmalloc" </dev/null)

server_loses_power
client_loses_power
# Nobody shall find out by himself what he should be told.
e_watchdog poll-period 100 idle-time 100 num-polls 3
both_restart
module_removed
e_end spare2.s
e_watchdog poll-period 1 idle-time 1 num-polls 3
detection_time

e_none_left
none_on_1()
{
	[ -z "$(on 1 qnetconfig vc </dev/null)" ]
}
t_ok "no circuit is left" t_eventually 20 none_on_1
now=$(on 1 bash -c "$(declare -f m_kmalloc); m_kmalloc" </dev/null)
t_note "kmalloc: $bytes bytes, then $now"
t_ok "memory has not grown" test $((now - bytes)) -lt $E_GROWTH
t_ok "and the module can be taken out" t_eventually 20 on 1 rmmod qnet
e_print
done_testing
