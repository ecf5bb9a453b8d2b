#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Messages and replies of any size stream through a bounded part of the
# kernel's memory, on one node and between two; several at once; and when one
# end is killed in the middle. Who does not receive, or does not take his reply,
# is in nobody else's way.
#
# lab: -n 2 -m netns -e LAB_CABLE=direct
# kernels: stock
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

stream=${LAB_REPO:-$(readlink -f "$here/..")}/build/selftests/stream/stream
dir=$(mktemp -d)
at=$dir/at
mib=$((1 << 20))
# Of one call: what is on its way, and what else the kernel does meanwhile
bound=$((24 << 10))
# The largest, and what is tried in every form
large=256 some=40
limit=150
[ "$LAB_KERNEL" != debug ] || large=24 some=8

build()
{
	make -s -C "$here/stream"
}

serve()
{
	rm -f "$at"
	on -d 2 sh -c "echo \$\$ >$dir/pid; exec $stream serve $at 2>>$dir/err"
	t_eventually 30 test -s "$at"
}

end()
{
	on 2 kill "$@" "$(cat "$dir/pid")"
}

# call NODE FROM ARGS...: on node FROM
call()
{
	local node=$1 from=$2

	shift 2
	on "$from" "$stream" call -t $limit "$node" "$at" "$@" 2>&1
}

# bounded OUTPUT: it took no more of the kernel's memory than it may
bounded()
{
	[[ "$1" =~ kernel_kib\ (-?[0-9]+) ]] &&
		[ "${BASH_REMATCH[1]}" -lt $bound ]
}

# exchange NAME NODE FROM BYTES REPLY HOW
exchange()
{
	local name=$1 out

	shift
	out=$(call "$@")
	t_like "$name" "$out" "^sent $3 replied $4 "
	t_ok "and took a bounded part of the kernel's memory" bounded "$out"
	t_note "$out"$'\n'"$(cat "$dir/err")"
	: >"$dir/err"
}

t_ok "the program is built" build
serve
t_result $? "the server is up"
large=$((large * mib + 12345)) some=$((some * mib + 12345))
exchange "$large bytes there" n2 1 $large 100 reply
exchange "$large bytes back" n2 1 100 $large reply
exchange "in pieces" n2 1 100 $some write
exchange "in one piece" n2 1 100 $some big
exchange "on one node" n2 2 $large $some reply
exchange "in pieces" n2 2 100 $some write
exchange "in one piece" n2 2 100 $some big

# Several at once
jobs=()
for i in 1 2 3 4; do
	call n2 1 $((4 * mib)) $((4 * mib)) reply >"$dir/out.$i" &
	jobs+=($!)
done
wait "${jobs[@]}"
t_is "four at once, all arrive" "$(cat "$dir"/out.* | grep -c '^sent')" 4

# ---- Ends in the middle

# under_way: the message is being read
under_way()
{
	call n2 1 $((8 * some)) $some reply >"$dir/out" &
	job=$!
	frames=$(($(on 2 awk '$1 == "rx_frames" { print $2 }' \
		/proc/net/qnet/stats) + 1000))
	t_eventually $limit on 2 awk -v n="$frames" \
		'$1 == "rx_frames" { exit $2 < n }' /proc/net/qnet/stats
}

# clients: processes that call
no_client()
{
	! pgrep -f 'stream call' >/dev/null
}

under_way
t_result $? "a message is under way"
pkill -KILL -f 'stream call'
wait $job
t_ok "its client, killed, ends at once" t_eventually 20 no_client
exchange "the server serves others" n2 1 $((2 * mib)) $((2 * mib)) reply

under_way
t_result $? "a message is under way"
end -KILL
wait $job
t_like "its server being killed, the client gets ESRCH" "$(cat "$dir/out")" \
	'No such process'
serve
t_result $? "a new server"
exchange "serves" n2 1 $((2 * mib)) $((2 * mib)) reply

# ---- Who does not take what is his

# bystanders NAME: others of the same two nodes call, and none waits for long
bystanders()
{
	m_call -k 4 -d 1 -S 65536 -T 60
	m_verdict "$1" 20
	t_ok "$1: none takes long" awk "BEGIN { exit !($(m_word slowest "$M_OUT") < 2) }"
}

# of_1 KEY: of node 1, as node 2 sees it
of_1()
{
	on 2 qnetconfig -j node show n1 </dev/null |
		python3 -c 'import json, sys; print(json.load(sys.stdin)[0][sys.argv[1]])' "$1"
}

# flood NAME CALLS BYTES: to the server that is deaf; sets $out
flood()
{
	on -d 1 sh -c "echo \$\$ >$dir/$1.pid
		exec $stream flood n2 $dir/deaf $2 $3 >$dir/$1 2>$dir/err"
	t_eventually $limit test -s "$dir/$1"
	out=$(cat "$dir/$1")
	t_note "$out"$'\n'"$(head -n 5 "$dir/err")"
}

held_less()
{
	[ "$(of_1 rx_bytes)" -le "$1" ]
}

under_way_back()
{
	call n2 1 100 $some reply >"$dir/out" &
	job=$!
	frames=$(($(m_stat 1 rx_frames) + 1000))
	t_eventually $limit on 1 awk -v n="$frames" \
		'$1 == "rx_frames" { exit $2 < n }' /proc/net/qnet/stats
}

t_ok "other programs are built" m_build
m_serve -m 2
t_result $? "other servers are up"
under_way_back
t_result $? "a reply is under way"
pkill -STOP -f 'stream call'
bystanders "its client does not take it: calls of others"
pkill -CONT -f 'stream call'
wait $job
# It is stopped while it waits, which ends the call, or while it takes a part.
t_like "then it has it, or is told that it has not" "$(cat "$dir/out")" \
	"^(sent 100 replied $some |.*Interrupted system call)"

# What a peer may take is filled by long messages, then by short ones, which can
# not be put off.
t_ok "node 2 keeps little of node 1" on 2 qnetconfig peer set n1 budget 4M
on -d 2 "$stream" deaf "$dir/deaf"
t_ok "a server is deaf" t_eventually 30 test -s "$dir/deaf"
flood first 600 8000
t_like "who calls it without waiting gets EAGAIN, and connects again" "$out" \
	'^began 600 again [1-9][0-9]* refused 0 other 0$'
t_ok "the data of some was put off" test "$(of_1 rx_later)" -gt 0
bystanders "calls of others"
flood second 4000 1000
t_like "far beyond the budget calls are refused" "$out" \
	'^began 4000 again [0-9]+ refused [1-9][0-9]* other 0$'
out=${out#*refused }
t_is "each of them was counted" "$(of_1 rx_refused)" "${out% other*}"
M_MAY=EAGAIN
m_call -k 2 -n 3 -S 1000 -T 60
t_like "and so are others" "$M_OUT" ' calls 0 .* blocked 0 .* errors 6 EAGAIN 6 '
M_MAY=
on 1 kill "$(cat "$dir/second.pid")"
t_ok "which ends with him who called" t_eventually 20 held_less $((6 << 20))
bystanders "calls of others again"
on 1 kill "$(cat "$dir/first.pid")"
t_ok "nothing is held in the end" t_eventually 20 held_less 0
on 2 kill "$(sed 's/ .*//' "$dir/deaf")"
m_end_servers
end -TERM
t_ok "the module can be taken out" t_eventually 20 rmmod qnet
done_testing
