#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Cables that are pulled, and devices that change, go away and come back, while
# messages are under way: with two links nothing is lost, with one nothing that
# comes back in time; nobody waits for ever, and nothing is left behind.
#
# lab: -n 2 -m netns
# lab: -n 2 -m netns -l 2
# kernels: stock
# timeout: 400
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034,SC2119,SC2120

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

# So long that a cable can be cut in the middle
BIG=${BIG:-67108864}
# What a node that is gone may cost
GONE=EHOSTDOWN,EHOSTUNREACH,ESRCH,EBADF
limit=$((30 * M_SLOW))
pause=$M_SLOW

# Some clients, until m_end; they leave time for others to run
traffic()
{
	M_MAY=${1:-}
	m_begin -k 4 -S 262144 -i 30 -T $((limit * 2))
	sleep 1
}

# Some calls on cables that are as they should be
works()
{
	M_MAY=
	m_call -k 2 -n 5 -S 100000 -T $limit
	m_verdict "$1" 10 || m_fresh -m 2
}

# quiet NAME: the verdict of traffic
quiet()
{
	m_end
	m_verdict "$1" 4 || m_fresh -m 2
	M_MAY=
}

frames()
{
	[ "$(m_stat 2 rx_frames)" -gt "$1" ] || ! m_running
}

# all_sent [NODE]: data frames of node 1, or that node, by bearer; not those of an
# earlier call that were sent again
all_sent()
{
	local from=${1:-1}

	on $from qnetconfig -j link show n$((3 - from)) </dev/null |
		python3 -c 'import json, sys
for name, n in sorted((l["bearer"], l["tx_frames"] - l["tx_retrans"])
                      for l in json.load(sys.stdin)):
    print(n)'
}

# sent BEARER [NODE]
sent()
{
	local n

	mapfile -t n < <(all_sent "$2")
	echo "${n[${1#q}]}"
}

# has_links N: of node 1, that work
has_links()
{
	[ "$(on 1 qnetconfig link show n2 </dev/null | grep -c ' yes ')" -eq "$1" ]
}

# shared NAME ARGS...: many circuits, each as busy as the others
shared()
{
	local name=$1 n from now q0 q1

	shift
	mapfile -t from < <(all_sent 1; all_sent 2)
	m_call -k 32 -T $limit "$@"
	m_verdict "$name" 32
	mapfile -t now < <(all_sent 1; all_sent 2)
	for n in 1 2; do
		q0=$((now[2 * n - 2] - from[2 * n - 2]))
		q1=$((now[2 * n - 1] - from[2 * n - 1]))
		t_note "node $n: $q0 frames over q0, $q1 over q1"
		t_like "each link has 40 to 60 percent of node $n's frames" \
			$((100 * q0 / (q0 + q1 + 1))) '^(4[0-9]|5[0-9]|60)$'
	done
}

# middle NAME: a large message is under way
middle()
{
	local before

	before=$(m_stat 2 rx_frames)
	m_begin -n 1 -z "$BIG" -T $((limit * 2))
	t_eventually $limit frames $((before + BIG / 1456 / 8))
	m_running
	t_result $? "$1"
}

# middle_over BEARER: one is, over that one and no other while it works
middle_over()
{
	local from now

	way=${1#q}
	detour=$((1 - way))
	mapfile -t from < <(all_sent)
	way_sent=${from[way]}
	M_NODE=n2~preferred:$1 middle "a large message is under way over $1"
	mapfile -t now < <(all_sent)
	t_ok "that is where it goes" test \
		$((now[way] - from[way])) -ge $((BIG / 1456 / 10))
	t_ok "and nothing goes over the other" test \
		$((now[detour] - from[detour])) -lt $((BIG / 1456 / 100))
	detour_sent=${now[detour]}
}

# took_over: what has not gone over that bearer has gone over the other one since,
# and that was something
took_over()
{
	local frames=$((BIG / 1456)) n one

	one=$(($(sent q$way) - way_sent))
	n=$(($(sent q$detour) - detour_sent))
	t_note "of $frames frames $one over the one, $n over the other one"
	t_ok "since then it went over the other" \
		test $((one + n)) -ge $frames -a $n -ge $((frames / 100))
}

# both COMMAND...: on both nodes
both()
{
	on 1 "$@" && on 2 "$@"
}

# reached: a call arrives; of those that did not the servers need not know
reached()
{
	M_MAY=
	m_call -k 1 -n 1 -S 100 -T $limit
	on 2 "$MATRIX" show -r "$M_AT" >/dev/null
	[ "$M_STATUS" -eq 0 ]
}

# found: node 2 is found again
found()
{
	t_eventually 20 on 1 qnetconfig node resolve n2 >/dev/null
}

t_ok "test programs are built" m_build
m_serve -m 2
t_result $? "the servers are up"
works "calls"

# ---- The cable

if [ "$LAB_LINKS" -eq 1 ]; then
	middle "a large message is under way"
	# A second is never too long, however slow all is here.
	both qnetconfig watchdog set num-polls 30
	cut 1
	sleep 1
	mend 1
	m_end
	m_verdict "the cable is cut for 1 s: it arrives" || m_fresh -m 2
	both qnetconfig watchdog set num-polls 3
fi

t_ok "the link is shown, and works" test "$(sent q0)" -gt 0

if [ "$LAB_LINKS" -eq 2 ]; then
	t_ok "circuits share the links" test "$(sent q1)" -gt 0
	# The watchdog's own packets take any link.
	both qnetconfig watchdog set poll-period 3600 idle-time 3600
	shared "32 clients with two circuits each" -n 16 -S 20000 -z 20000
	shared "32 clients, every other circuit being idle" -I -n 16 -S 20000 -z 20000
	for policy in exclusive:q1 preferred:q1 exclusive:q0; do
		link=${policy#*:}
		other=q$((1 - ${link#q}))
		before=$(sent $other) back=$(sent $other 2)
		M_NODE=n2~$policy works "calls by n2~$policy"
		t_is "take $link only" "$(sent $other)" "$before"
		t_is "and so do the answers" "$(sent $other 2)" "$back"
	done
	both qnetconfig watchdog set poll-period 1 idle-time 1

	# As when a queue has built up before it
	M_NODE=n2~exclusive:q1 traffic
	impair 1 q1 delay 500ms
	sleep $((4 * pause))
	impair 1 q1
	quiet "a link that is the only one is slow: no call fails"

	# Also where it takes a minute to miss a node, whose other circuits wait
	# in the same queue.
	both qnetconfig watchdog set poll-period 10 idle-time 10
	M_NODE=n2~exclusive:q1 traffic EHOSTUNREACH,EBADF,ESRCH
	impair 1 q1 loss 100%
	t_ok "a link that is the only one is silent: calls fail" \
		t_eventually $limit grep -q "No route to host" "$M_DIR/client.err"
	m_end
	m_verdict "and nothing else happens" || m_fresh -m 2
	t_ok "not at once" \
		awk "BEGIN { exit !($(m_word slowest "$M_OUT") > 2.5) }"
	works "calls over the other one"
	t_is "the node was not given up" \
		"$(on 1 qnetconfig -j node show n2 </dev/null | grep -o '"watchdog":"[a-z]*"')" '"watchdog":"up"'
	both qnetconfig watchdog set poll-period 1 idle-time 1
	impair 1 q1
	M_NODE=n2~exclusive:q1 t_ok "it is taken again" t_eventually 20 reached
	M_NODE=n2~exclusive:q1 works "calls over it alone"

	middle_over q0
	cut 1
	m_end
	m_verdict "the cable is cut, and the other is there: it arrives" ||
		m_fresh -m 2
	took_over
	mend 1
	t_ok "the link is taken again" t_eventually $limit has_links 2

	middle_over q1
	cut 2 q1
	m_end
	m_verdict "the other cable is cut: it arrives" || m_fresh -m 2
	took_over
	works "calls, one cable being cut"
	traffic
	mend 2 q1
	sleep $pause
	cut 1
	sleep $pause
	mend 1
	quiet "each cable is cut in turn: no call fails"

	traffic
	on 1 qnetconfig bearer del dev q0
	sleep $pause
	on 1 qnetconfig bearer add dev q0
	sleep $pause
	on 2 qnetconfig bearer del dev q1
	sleep $pause
	on 2 qnetconfig bearer add dev q1
	quiet "bearers are removed and come back: no call fails"
fi

# ---- The device

traffic
for mtu in 600 1500 9000 1500; do
	m_mtu $mtu
	sleep $pause
done
quiet "the MTU changes under traffic: no call fails"
m_mtu 1500

middle "a large message is under way"
m_mtu 600
m_end
m_verdict "the MTU shrinks in its middle: it arrives" || m_fresh -m 2
m_mtu 1500

traffic
for n in 1 2; do
	m_ip $n link set q0 down
	sleep 0.5
	m_ip $n link set q0 up
	sleep $pause
done
quiet "the device is down for 0.5 s: no call fails"

traffic
for n in 1 2; do
	m_ip $n link set q0 address 02:00:00:00:00:4$n
	sleep $pause
done
quiet "the device has another address: no call fails"
works "calls to the other address"
for n in 1 2; do
	m_ip $n link set q0 address 02:00:00:00:00:0$n
done
found

traffic
m_ip 1 link set q0 down
m_ip 1 link set q0 name other
m_ip 1 link set other up
sleep $pause
t_like "the bearer has the device's other name" \
	"$(on 1 qnetconfig bearer)" other
m_ip 1 link set other down
m_ip 1 link set other name q0
m_ip 1 link set q0 up
quiet "the device is renamed: no call fails"

if [ "$LAB_MODE" = netns ]; then
	ip netns add limbo
	[ "$LAB_LINKS" -eq 2 ] && traffic || traffic $GONE
	t_ok "the device moves to another namespace" \
		timeout 20 ip -n n1 link set q0 netns limbo
	sleep $pause
	t_fail "it is no bearer there, nor here" \
		on 1 qnetconfig bearer show dev q0
	t_ok "and back" timeout 20 ip -n limbo link set q0 netns n1
	m_ip 1 link set q0 up
	on 1 qnetconfig bearer add dev q0
	sleep $pause
	if [ "$LAB_LINKS" -eq 2 ]; then
		quiet "it is gone for a while: no call fails"
	else
		quiet "it is gone for a while: calls fail as documented"
	fi
	found
	works "calls after it is back"

	# A cable of its own, to be destroyed
	for ((l = 0; l < LAB_LINKS; l++)); do
		both qnetconfig bearer del dev q$l
	done
	ip -n n1 link add x0 type veth peer name x0 netns n2
	both ip link set x0 up
	both qnetconfig bearer add dev x0
	found
	traffic $GONE
	t_ok "a bearer's device is destroyed under traffic" \
		timeout 20 ip -n n1 link del x0
	sleep $pause
	for ((l = 0; l < LAB_LINKS; l++)); do
		both qnetconfig bearer add dev q$l
	done
	found
	quiet "calls fail as documented"
	works "calls over another one"
fi

# ---- The checksum

# crc ON1 ON2: as node 1 has it, and node 2
crc()
{
	local n

	for n in 1 2; do
		on $n qnetconfig bearer del dev q0 &&
		on $n qnetconfig bearer add dev q0 crc "$1" || return
		shift
	done
}

# disagree NAME NODE: which drops what the other one sends; no call goes
disagree()
{
	local before seen

	before=$(m_stat "$2" rx_bad_crc)
	seen=$(m_stat 2 server_msgs)
	M_MAY=EHOSTUNREACH
	m_call -k 1 -n 2 -S 100 -T $limit
	t_like "$1: calls fail" "$M_OUT" ' calls 0 .* EHOSTUNREACH 2'
	t_ok "$1: nobody waits for long" \
		awk "BEGIN { exit !($(m_word seconds "$M_OUT") < 10 * $M_SLOW) }"
	t_ok "$1: node $2 counts what it drops" \
		test "$(m_stat "$2" rx_bad_crc)" -gt "$before"
	t_is "$1: nothing has arrived" "$(m_stat 2 server_msgs)" "$seen"
	M_MAY=
}

checksums()
{
	local before

	before="$(m_stat 1 rx_bad_crc) $(m_stat 2 rx_bad_crc)"
	t_ok "both nodes do without checksums" crc off off
	found
	works "without checksums: calls"
	t_is "without checksums: none is missed" \
		"$(m_stat 1 rx_bad_crc) $(m_stat 2 rx_bad_crc)" "$before"
	t_ok "one does without" crc off on
	disagree "the client's node has none" 2
	t_ok "the other does without" crc on off
	disagree "the server's node has none" 1
	t_ok "both have them again" crc on on
	found
	works "with checksums: calls"
}

[ "$LAB_LINKS" -ne 1 ] || checksums

# ---- Devices upon devices

# upper KIND COMMAND...: calls over k0, which the command makes on node $n
upper()
{
	local name=$1 make=$2 n made=1

	for n in 1 2; do
		on $n qnetconfig bearer del dev q0
		[ "$LAB_LINKS" -eq 1 ] || on $n qnetconfig bearer del dev q1
		"$make" || made=0
		on $n ip link set k0 up 2>/dev/null
	done
	if [ $made -eq 1 ]; then
		for n in 1 2; do
			on $n qnetconfig bearer add dev k0
		done
		found
		works "calls over $name"
		[ "$make" != make_bond ] || on_bond
		[ "$make" != make_bridge ] || on_bridge
	else
		t_skip "calls over $name" "this kernel has none"
	fi
	for n in 1 2; do
		on $n qnetconfig bearer del dev k0
		on $n ip link del k0
		for ((l = 0; l < LAB_LINKS; l++)); do
			on $n ip link set q$l up
			on $n qnetconfig bearer add dev q$l
		done
	done 2>/dev/null
	found
}

make_vlan()
{
	on $n ip link add link q0 name k0 type vlan id 7
}

make_macvlan()
{
	on $n ip link add link q0 name k0 type macvlan mode bridge
}

# Cables that are not joined: what goes must go on both
make_bond()
{
	local l mode=active-backup

	[ "$LAB_LINKS" -eq 1 ] || mode=broadcast

	on $n ip link add k0 type bond mode "$mode" miimon 50 || return
	for ((l = 0; l < LAB_LINKS; l++)); do
		on $n ip link set q$l down
		on $n ip link set q$l master k0 || return
	done
}

make_bridge()
{
	on $n ip link add k0 type bridge forward_delay 0 || return
	m_ip $n link set q0 master k0
}

make_macsec()
{
	local other=$((3 - n)) key

	key=00112233445566778899aabbccddee0
	on $n ip link add link q0 name k0 type macsec encrypt on 2>/dev/null &&
	on $n ip macsec add k0 tx sa 0 pn 1 on key 0$n $key$n &&
	on $n ip macsec add k0 rx port 1 address 02:00:00:00:00:0$other &&
	on $n ip macsec add k0 rx port 1 address 02:00:00:00:00:0$other \
		sa 0 pn 1 on key 0$other $key$other
}

on_bond()
{
	[ "$LAB_LINKS" -eq 2 ] || return
	traffic
	cut 1 q0
	sleep $pause
	mend 1 q0
	sleep $pause
	cut 2 q1
	sleep $pause
	mend 2 q1
	quiet "a bond's cables are cut in turn: no call fails"
}

on_bridge()
{
	t_like "a port of a bridge is refused" \
		"$(on 1 qnetconfig bearer add dev q0 2>&1)" \
		"bridge port; use the bridge"
}

# is_up YES|NO: what is said of node 1's bearer
is_up()
{
	[ "$(on 1 qnetconfig -j bearer show dev q0 </dev/null |
		python3 -c 'import json, sys
print("yes" if json.load(sys.stdin)[0]["up"] else "no")')" = "$1" ]
}

# enslaved KIND: the first bearer becomes a port, which hears nothing, and is
# none again
enslaved()
{
	if ! on 1 ip link add k0 type "$1" 2>/dev/null; then
		t_skip "a bearer becomes a port of a $1" "this kernel has none"
		return
	fi
	[ "$LAB_LINKS" -eq 1 ] || traffic
	[ "$1" != bond ] || m_ip 1 link set q0 down
	m_ip 1 link set q0 master k0
	m_ip 1 link set q0 up
	t_ok "a bearer becomes a port of a $1: it is down" is_up no
	t_like "another bearer of it is refused" \
		"$(on 1 qnetconfig bearer add dev q0 2>&1)" \
		"port of a $1|$1 port"
	sleep $pause
	m_ip 1 link set q0 nomaster
	m_ip 1 link set q0 up
	t_ok "it is none any more: it is up" t_eventually 20 is_up yes
	on 1 ip link del k0
	[ "$LAB_LINKS" -eq 1 ] || quiet "meanwhile no call fails"
	found
	works "calls after a $1 had it"
}

# A VRF is its master as well, and takes nothing away.
in_a_vrf()
{
	if ! on 1 ip link add k0 type vrf table 10 2>/dev/null; then
		t_skip "a bearer in a VRF" "this kernel has none"
		return
	fi
	m_ip 1 link set q0 master k0
	t_ok "a bearer in a VRF: it is up" is_up yes
	works "calls over it"
	on 1 qnetconfig bearer del dev q0
	t_ok "what is in one may become a bearer" on 1 qnetconfig bearer add dev q0
	m_ip 1 link set q0 nomaster
	on 1 ip link del k0
	found
}

# An address without a device: it may be behind any, and here it is not behind the
# first one that is tried.
by_address()
{
	on 1 qnetconfig peer del n2
	on 1 qnetconfig peer add n2 lladdr \
		"$(on 2 cat /sys/class/net/q1/address)" >/dev/null
	works "calls to an address that is behind the second link"
	on 1 qnetconfig peer del n2
	on 1 qnetconfig peer add n2 any >/dev/null
	found
}

enslaved bridge
enslaved bond
in_a_vrf
[ "$LAB_LINKS" -eq 1 ] || by_address
upper "a bond" make_bond
# With one cable as with two
if [ "$LAB_LINKS" -eq 1 ]; then
	upper "a VLAN" make_vlan
	upper "a macvlan" make_macvlan
	upper "a bridge" make_bridge
	upper "MACsec" make_macsec
fi
works "calls over the cable itself"

m_end_servers
t_ok "no circuit is left" t_eventually 20 m_no_circuits
[ "$LAB_MODE" != netns ] ||
	t_ok "and the module can be taken out" t_eventually 20 rmmod qnet
done_testing
