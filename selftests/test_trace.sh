#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tracepoints, and the one-liners of Documentation/networking/qnet-tracing.rst
# for them: each is run as it stands there, and sees what happens; so do
# /proc/net/qnet and the kernel's own tracing.
#
# lab: -n 2 -m netns -l 2
# kernels: stock
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034,SC2317

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

tmp=$(mktemp -d)
page=${LAB_REPO:-$here/..}/Documentation/networking/qnet-tracing.rst
events=/sys/kernel/tracing/events/qnet
declare -A job

attached()
{
	grep -q "Attaching" "$tmp/$1"
}

# what happens: calls, a bad cable, a link and then a node that are gone
happen()
{
	impair 1 loss 5%
	msgs=$(m_stat 1 client_msgs) their_msgs=$(m_stat 2 server_msgs)
	packets=$(m_stat 2 rx_packets)
	m_call -k 2 -n 20 -S 20000 -T 60
	msgs=$(($(m_stat 1 client_msgs) - msgs))
	their_msgs=$(($(m_stat 2 server_msgs) - their_msgs))
	packets=$(($(m_stat 2 rx_packets) - packets))
	impair 1
	M_MAY=EHOSTDOWN,EHOSTUNREACH,EBADF,ESRCH
	m_begin -k 2 -S 20000 -i 10 -T 60
	cut 2 q1
	sleep 2
	cut 2
	t_eventually 20 dead
	mend 2
	mend 2 q1
	sleep 1
	m_end
	# A frame that is none of ours
	on 1 python3 - <<'END'
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('q0', 0))
s.send(bytes.fromhex('020000000002' '020000000099' '8204') + bytes(60))
END
}

dead()
{
	on 1 qnetconfig -j node show n2 </dev/null | grep -q '"dead"'
}

t_ok "test programs are built" m_build
m_serve -m 2
mapfile -t lines < <(sed -n "s/^    \(bpftrace -e '.*'\)$/\1/p" "$page")
for event in "$events"/qnet_*; do
	event=${event##*/}
	line=$(printf '%s\n' "${lines[@]}" | grep "tracepoint:qnet:$event ")
	t_is "$event: there is a line for it" "$(echo "$line" | grep -c .)" 1
	bash -c "exec $line" >"$tmp/$event" 2>&1 &
	job[$event]=$!
done
t_is "and for nothing else" "${#lines[@]}" "${#job[@]}"
ready=0
for event in "${!job[@]}"; do
	t_eventually 240 attached "$event" || ready=1
done
t_result $ready "all are attached"
echo 1 >"$events/enable"
drops=$events/../skb/kfree_skb
echo "protocol == $((0x8204))" >"$drops/filter"
echo 1 >"$drops/enable"
echo 8192 >/sys/kernel/tracing/buffer_size_kb

before=$(m_stat 1 tx_retrans)
happen
t_ok "frames were sent again" test "$(m_stat 1 tx_retrans)" -gt "$before"
t_ok "messages are counted" test "$msgs" -ge 40
t_is "once at each end" "$their_msgs" "$msgs"
t_ok "each is a packet" test "$packets" -ge "$msgs"
t_ok "the node that was lost is counted" test "$(m_stat 1 nd_down)" -ge 1
for event in "${!job[@]}"; do
	kill -INT "${job[$event]}"
	wait "${job[$event]}"
	t_ok "$event: it was seen" grep -qE '^(@[a-z]+\[|vc nd|node nd|watchdog nd|link nd)' "$tmp/$event"
	[ $T_FAILED -eq 0 ] || t_note "$(head -n 5 "$tmp/$event")"
done

# ---- The kernel's own words

echo 0 >"$events/enable"
echo 0 >"$drops/enable"
cat /sys/kernel/tracing/trace >"$tmp/trace"
# seen EVENT PATTERN
seen()
{
	t_ok "trace: $1 $2" grep -qE "qnet_$1: netns=[0-9]+ .*$2" "$tmp/trace"
}

netns=$(on 1 readlink /proc/self/ns/net | grep -o '[0-9]*')
seen send "pid=[0-9]+ chid=1 tid=[0-9]+ prio=10 bytes="
seen receive "pid=[0-9]+ chid=1 rcvid=[0-9]+ prio=10 bytes="
seen "done" "status=[0-9-]+ err=0"
seen "done" "err=-112"
seen vc "side=client state=connecting err=0"
seen vc "side=client state=up err=0"
seen vc "side=client state=dead err=-112"
seen vc "side=server state=up"
seen node "from=opening to=up"
seen node "from=up to=down"
seen watchdog "from=suspect to=dead"
seen link "up=0"
seen link "up=1"
seen probe "unanswered=[0-9]+"
seen retransmit "frames=[0-9]+"
seen drop "why=rx_bad_version"
t_ok "trace: the kernel's own monitor of drops is told why" grep -qE \
	"kfree_skb: .* protocol=$((0x8204)) .*reason: UNHANDLED_PROTO" "$tmp/trace"
t_ok "trace: the namespace" grep -q "netns=$netns " "$tmp/trace"

# ---- /proc

m_serve -m 2
M_MAY=
m_call -k 2 -n 2 -S 100 -T 60
m_begin -k 2 -S 100 -i 100 -T 60
t_eventually 20 on 1 grep -q client /proc/net/qnet/vcs
# It is probing for a moment, each time it asks.
node_is_up()
{
	on 1 grep -Eq '1 up        up +[0-9]+ +[0-9]+ +[0-9]+ n2' \
		/proc/net/qnet/nodes </dev/null
}
t_ok "/proc/net/qnet/nodes" t_eventually 20 node_is_up
t_like "/proc/net/qnet/vcs" "$(on 1 cat /proc/net/qnet/vcs)" \
	'0x5[0-9a-f]+ +1 client up +[0-9]+ +[0-9]+ +1 +0 '
t_like "/proc/net/qnet/vcs, of the servers" "$(on 2 cat /proc/net/qnet/vcs)" \
	'server up +[0-9]+ '
t_like "/proc/net/qnet/channels" "$(on 2 cat /proc/net/qnet/channels)" \
	' +[0-9]+ +1 +0 +0x[0-9a-f]+ +0 +[0-9]+'
t_like "/proc/net/qnet/vcs, as somebody else" \
	"$(on 1 setpriv --reuid 65534 cat /proc/net/qnet/vcs)" 'client up +- +- '
t_is "as many lines as circuits" "$(on 1 grep -c client /proc/net/qnet/vcs)" \
	"$(on 1 qnetconfig -o vc </dev/null | grep -c client)"
m_end
m_end_servers
t_ok "the module can be taken out" t_eventually 20 rmmod qnet
done_testing
