#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Very many circuits between two nodes: what each takes of the kernel's memory,
# that the last is opened as fast as the first, that the watchdog's work does not
# grow with them, and that they can be shown. By the instruction clock.
#
# lab: -n 2 -i -e LAB_CABLE=direct -e LAB_MEM=3072
# kernels: stock
# timeout: 900
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh source=watchdog/lib.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/watchdog/lib.sh"

many=${MANY:-100000}
# The watchdogs' period, in ms, and how many seconds they are watched
period=${PERIOD:-1000}
idle=${IDLE:-60}

# KiB of the kernel's objects, when no more are being freed
slab()
{
	local old=-1 new=0

	while [ "$new" != "$old" ]; do
		old=$new
		read -r -t 0.5 <> <(:)
		new=$(awk '$1 == "Slab:" { print $2 }' /proc/meminfo)
	done
	echo "$new"
}

# Bytes of each, from KiB before and after, of so many
each()
{
	echo $((($2 - $1) * 1024 / $3))
}

# The middle one of what it took to send the circuits that there are, in a timer, and
# to compare them, at the frame's arrival, and how many there were of each
medians()
{
	python3 -c 'import re, statistics, sys
inner = {"node_timer": "qnet_integ_watch", "dev_rcv": "qnet_integ_rx"}
took = {name: [] for name in inner}
seen = set()
for line in sys.stdin:
    name = next((n for n in inner if n in line), None)
    if name and "{" not in line and inner[name] in seen:
        took[name].append(float(re.search("([0-9.]+) us", line)[1]) * 1000)
    if name:
        seen.clear()
    seen.update(n for n in inner.values() if n in line)
print(round(sum(statistics.median(t or [0]) for t in took.values())),
      *(len(t) for t in took.values()))'
}

# work: so many seconds of idleness; what a poll costs, in $cost, in nanoseconds, which
# are instructions
work()
{
	local polls

	printf '%s\n' node_timer dev_rcv qnet_integ_watch qnet_integ_rx \
		>$W_TRACE/set_ftrace_filter
	echo function_graph >$W_TRACE/current_tracer
	echo 1 >$W_TRACE/options/funcgraph-tail
	echo >$W_TRACE/trace
	echo 1 >$W_TRACE/tracing_on
	w_frames "$idle" "$period"
	echo 0 >$W_TRACE/tracing_on
	read -r cost polls <<<"$(medians <$W_TRACE/trace)"
	t_note "polls sent and received: $polls"
	echo nop >$W_TRACE/current_tracer
	echo 1 >$W_TRACE/tracing_on
}

w_all_dead()
{
	[ -z "$(on 1 qnetconfig -o vc show state up </dev/null 2>/dev/null |
		head -c 1)" ]
}

mount -t tracefs none $W_TRACE 2>/dev/null || :
t_ok "the programs build" w_build
w_serve
t_result $? "the server is up"

echo 1 >/proc/sys/vm/drop_caches
before=$(slab)
alone=$((many / 5))
w_client $alone - -
w_line 300
t_is "$alone sockets" "$line" "open $alone"
sockets=$(each "$before" "$(slab)" $alone)
w_close

w_client 10
w_line 60
t_like "10 circuits" "$line" "^open 10 "
t_ok "the watchdogs are told to poll often" \
	w_set poll-period ${period}ms idle-time ${period}ms
work
few=$cost
t_ok "that costs something" test "$few" -gt 1000
w_close

before=$(slab)
w_client "$many"
w_line 300
t_like "$many circuits" "$line" "^open $many first [0-9]+ last [0-9]+"
read -r _ _ _ first _ last <<<"$line"
t_note "instructions to open one: $first of the first, $last of the last"
t_ok "the last are opened like the first" test $((last * 2)) -le $((first * 3))
circuits=$(each "$before" "$(slab)" "$many")
t_note "bytes each: $circuits with both ends and the socket, which alone takes $sockets"
t_ok "an end takes a kibibyte at most" test $((circuits - sockets)) -le 2048
t_is "both ends have them" "$(w_node 1 vcs) $(w_node 2 vcs)" "$many $many"

differ=$(w_stat 1 watch_differ)$(w_stat 2 watch_differ)
work
t_note "instructions for a poll: $few with 10 circuits, $cost with $many"
t_ok "that is the same within 5 %" test $((cost * 100)) -le $((few * 105))
t_is "for they need not be listed" \
	"$(w_stat 1 watch_differ)$(w_stat 2 watch_differ)" "$differ"

# shown CMD...: qnetconfig's records of the circuits of node 1, by a process that
# may have 64 MiB
shown()
{
	# shellcheck disable=SC2016
	on 1 sh -c 'ulimit -v 65536; exec "$@"' - "$@" </dev/null
}

# timed CMD...: the same; the milliseconds that the processor works for it, since with
# an instruction clock a guest waits for its host's disk in its own time
timed()
{
	# shellcheck disable=SC2016
	shown bash -c 'TIMEFORMAT="%U %S"; time "$@"' - "$@" 2>"$W_TIMES" &&
		took=$(awk 'END { printf "%d", ($1 + $2) * 1000 }' "$W_TIMES")
}

W_TIMES=$(mktemp)
took=
timed qnetconfig -j vc show >/tmp/all
t_result $? "they are shown, in bounded memory"
t_note "that took $took ms"
# Its own processor would have to be slow; this one, emulated, is still slower.
t_ok "in less than five seconds of a thousand million instructions each" \
	test "$took" -gt 0 -a "$took" -lt 5000
t_is "as valid JSON, each once" "$(python3 -c 'import json, sys
vcs = json.load(sys.stdin)
print(len(vcs), len({v["id"] for v in vcs}), {v["state"] for v in vcs})' </tmp/all)" \
	"$many $many {'up'}"
t_ok "in detail, too" eval "shown qnetconfig -j -d vc show >/tmp/all"
t_is "each with its connection" "$(python3 -c 'import json, sys
vcs = json.load(sys.stdin)
print(len(vcs), len({v["ino"] for v in vcs}), {v["comm"] for v in vcs})' </tmp/all)" \
	"$many $many {'circuits'}"

# Who reads them is killed in the middle of the list, after so many parts of it; a list
# that is being read holds the module.
users=$(cat /sys/module/qnet/refcnt)
read=$(on 1 python3 -B "$here/ynl/killed" 1 2 5 20 100 </dev/null)
t_note "circuits read until then, and users of the module: $read; before: $users"
t_is "five are killed with some of the list read, and with the rest not" \
	"$(awk -v many="$many" '{ for (i = 1; i < NF; i++)
		n += $i > last && $i < many && (last = $i) } END { print n + 0 }' <<<"$read")" 5
t_ok "each was in the middle of it" test "${read##* }" -ge $((users + 5))
users_are()
{
	[ "$(cat /sys/module/qnet/refcnt)" = "$1" ]
}
t_ok "and nothing is held any more" t_eventually 60 users_are "$users"
for i in 1 2 3; do
	shown qnetconfig -j vc show | head -c $((i * 10000)) >/tmp/some
	t_is "who shows them has nobody who listens: $i" \
		"$(wc -c </tmp/some) $(users_are "$users" && echo free)" \
		"$((i * 10000)) free"
done

# One of them that its server's node has lost
period=1000
t_ok "the watchdogs are told to poll once in a second" \
	w_set poll-period ${period}ms idle-time ${period}ms
t_ok "a server's end is lost" w_lose 2 server "$(python3 -c 'import json, sys
vcs = json.load(sys.stdin)
print(vcs[len(vcs) // 2]["id"])' </tmp/all)"
w_line 10
t_like "its client hears that" "$line" '^dead [0-9]+$'
read -r ends took _ <<<"$(w_found)"
t_note "found after ${took:-?} ms"
t_ok "within a period, or an eighth more" \
	test "${took:-99999}" -le $((period * 9 / 8 + 25))
! w_line $((3 * period / 1000 + 1))
t_result $? "no other ends"
t_is "by either node" "${ends:-0} $(w_stat 1 watch_lost) $(w_stat 2 watch_lost)" "1 1 0"
t_is "nor is missing" "$(w_node 1 vcs) $(w_node 2 vcs)" "$((many - 1)) $((many - 1))"

# Lost all at once, they do not end in one go: others, too, want the processor.
echo qnet_kif_down >$W_TRACE/set_ftrace_filter
echo function_graph >$W_TRACE/current_tracer
echo >$W_TRACE/trace
echo 1 >$W_TRACE/tracing_on
t_ok "the node is lost" on 1 qnetconfig bearer del dev q0
t_ok "all are dead" t_eventually 60 w_all_dead
echo 0 >$W_TRACE/tracing_on
read -r parts longest <<<"$(sed -n 's/.* \([0-9.]*\) us .*qnet_kif_down.*/\1/p' \
	$W_TRACE/trace | awk '$1 > most { most = $1 } END { print NR, int(most) }')"
t_note "ended in $parts parts, the longest of $longest us"
t_ok "in a hundred parts at least" test "$parts" -ge 100
t_ok "of which each takes less than a tick" test "$longest" -lt 4000

w_close
t_ok "all are closed" t_eventually 120 w_node_is 2 vcs 0
left=$(each "$before" "$(slab)" "$many")
t_ok "and nine tenths of their memory is free" test $((left * 10)) -le "$circuits"
done_testing
