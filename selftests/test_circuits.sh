#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Very many circuits between two nodes: what each takes of the kernel's memory,
# that the last is opened as fast as the first, and that the watchdog's work does
# not grow with them. By the instruction clock.
#
# lab: -n 2 -i -e LAB_CABLE=direct -e LAB_MEM=3072
# kernels: stock
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh source=watchdog/lib.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/watchdog/lib.sh"

many=${MANY:-100000}

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

# Bytes of each of $many, from KiB before and after
each()
{
	echo $((($2 - $1) * 1024 / many))
}

# work: what the kernel does for the watchdogs of both nodes, in nanoseconds, which
# are instructions, for each of the four frames of a poll
work()
{
	local t=/sys/kernel/tracing

	echo node_timer dev_rcv >$t/set_ftrace_filter
	echo function_graph >$t/current_tracer
	echo >$t/trace
	echo 1 >$t/tracing_on
	sleep 3
	echo 0 >$t/tracing_on
	awk '/dev_rcv/ { frames++ }
		match($0, /[0-9.]+ us/) { sum += substr($0, RSTART) }
		END { printf "%d\n", sum * 1000 / frames }' $t/trace
	echo nop >$t/current_tracer
}

mount -t tracefs none /sys/kernel/tracing 2>/dev/null || :
t_ok "the programs build" w_build
w_serve
t_result $? "the server is up"

echo 1 >/proc/sys/vm/drop_caches
before=$(slab)
w_client "$many" - -
w_line 300
t_is "$many sockets" "$line" "open $many"
sockets=$(each "$before" "$(slab)")
w_close

w_client 10
w_line 60
t_like "10 circuits" "$line" "^open 10 "
t_ok "the watchdogs are told to poll often" \
	w_set poll-period 0.1 idle-time 0.1
few=$(work)
t_ok "that costs something" test "$few" -gt 1000
w_close

before=$(slab)
w_client "$many"
w_line 300
t_like "$many circuits" "$line" "^open $many first [0-9]+ last [0-9]+"
read -r _ _ _ first _ last <<<"$line"
t_note "instructions to open one: $first of the first, $last of the last"
t_ok "the last are opened like the first" test $((last * 2)) -le $((first * 3))
circuits=$(each "$before" "$(slab)")
t_note "bytes each: $circuits with both ends and the socket, which alone takes $sockets"
t_ok "an end takes a kibibyte at most" test $((circuits - sockets)) -le 2048
t_is "both ends have them" "$(w_node 1 vcs) $(w_node 2 vcs)" "$many $many"

all=$(work)
t_note "instructions for a frame of a poll: $few with 10 circuits, $all with $many"
t_ok "that is the same within 5 %" test $((all * 100)) -le $((few * 105))
w_frames 6 100

w_close
t_ok "all are closed" t_eventually 120 w_node_is 2 vcs 0
left=$(each "$before" "$(slab)")
t_ok "and nine tenths of their memory is free" test $((left * 10)) -le "$circuits"
done_testing
