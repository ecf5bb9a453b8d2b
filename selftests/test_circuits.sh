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

# What the watchdogs of both nodes do in a tenth of a second, by what a program
# that only counts is kept from: in units of what it counts.
work()
{
	local with without

	w_set poll-period 3600 idle-time 3600
	without=$("$W/spin" 1000)
	w_set poll-period 0.1 idle-time 0.1
	with=$("$W/spin" 1000)
	echo $(((without - with) / 10))
}

t_ok "the programs build" w_build
w_serve
t_result $? "the server is up"

echo 1 >/proc/sys/vm/drop_caches
before=$(slab)
coproc W_CLIENT { "$W/circuits" - - "$many"; }
w_line 300
t_is "$many sockets" "$line" "open $many"
sockets=$(each "$before" "$(slab)")
w_close

w_client 10
w_line 60
t_like "10 circuits" "$line" "^open 10 "
few=$(work)
polls=$(w_stat 1 watch_polls)
t_ok "the watchdog polls" test "$((polls + $(w_stat 2 watch_polls)))" -ge 10
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
t_note "the watchdogs' work in a period: $few with 10 circuits, $all with $many"
t_ok "that is the same within 5 %" test $((all * 100)) -le $((few * 105))
f1=$(w_stat 1 tx_frames) f2=$(w_stat 2 tx_frames)
p=$(w_stat 1 watch_polls)
p=$((p + $(w_stat 2 watch_polls)))
"$W/spin" 2000 >/dev/null
f1=$(($(w_stat 1 tx_frames) - f1)) f2=$(($(w_stat 2 tx_frames) - f2))
t_note "frames in 20 periods: $f1 from n1, $f2 from n2"
t_ok "two frames in a period, at most, each way" test $f1 -le 44 -a $f2 -le 44

w_close
t_ok "all are closed" t_eventually 120 w_node_is 2 vcs 0
t_ok "and their memory is free" \
	test $(((circuits * many / 1024 + before - $(slab)) * 10)) -ge $((circuits * many / 1024 * 9))
done_testing
