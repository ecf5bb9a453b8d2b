#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Messages and replies of any size stream through a bounded part of the
# kernel's memory, on one node and between two; several at once; and when one
# end is killed in the middle.
#
# lab: -n 2 -m netns -e LAB_CABLE=direct
# kernels: stock
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"

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
end -TERM
t_ok "the module can be taken out" t_eventually 20 rmmod qnet
done_testing
