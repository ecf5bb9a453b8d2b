#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Nobody is ever left blocked on a peer that is gone: whatever ends a client, a
# server, or the way between them, each thread that waits gets the error that is
# documented, and in time; each end is told once that the other is gone; and
# nothing is left behind. One table of all that: $LAB_OUT/ends.txt. What takes
# real power cuts is in test_ends_vm.sh.
# By the instruction clock, so that times are those of the nodes.
#
# lab: -n 4 -i
# kernels: stock
# timeout: 200
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"
. "$here/ends/lib.sh"

# ---- Ends of a process ---------------------------------------------------------

server_exits()
{
	e_say "$1.s" "exit 0"
}

server_killed()
{
	e_kill KILL "$1.s"
}

server_destroys()
{
	e_ask "$1.s" "destroy ${E_CHID[$1]}"
}

# server_gone COMMAND CAUSE
server_gone()
{
	local p server

	e_pairs "$where" 1 $snode
	for p in "${E_PAIRS[@]}"; do
		server=-
		e_await "$p" 2 $E_TOLD
		e_now
		"$1" "$p"
		e_client "$p" 2
		e_next "$p"
		e_fresh "$p"
		if [ "$1" = server_destroys ]; then
			e_rcvids "$p"
			E_SERVER[$p]="-|$E_RESULTS|-" server="-|ESRCH|-"
		fi
		e_then "$p" spare$snode
		e_row "$p" "$2" "$where" "$E_GONE" $E_TOLD "$server" ""
	done
}

client_exits()
{
	e_say "$1.c" exit
}

client_killed()
{
	e_kill KILL "$1.c"
}

# client_gone COMMAND CAUSE
client_gone()
{
	local p

	e_pairs "$where" 1 $snode
	for p in "${E_PAIRS[@]}"; do
		e_watch "$p"
		e_now
		"$1" "$p"
		e_server "$p"
		e_row "$p" "$2" "$where" - "" "$E_LEFT" $E_TOLD
	done
}

client_detaches()
{
	local p

	e_pairs "$where" 1 $snode
	for p in "${E_PAIRS[@]}"; do
		e_watch "$p"
		e_now
		e_ask "$p.c" detach
		e_await "$p" 0 $E_TOLD
		e_client "$p" 0
		e_next "$p"
		e_server "$p"
		e_fresh "$p" "$p"
		e_fresh "$p" spare$snode
		e_limit "$p" $E_TOLD
		e_row "$p" "client detaches" "$where" \
			"EBADF|0 0 0|EBADF EBADF|OK|OK" "$E_LIMIT" \
			"$E_LEFT" $E_TOLD
	done
}

# nothing_gone CAUSE RECV BEGIN END: calls go on through what BEGIN and END do
nothing_gone()
{
	local p
	declare -A answered

	e_pairs "$where" 1 $snode "$2"
	"$3"
	for p in "${E_PAIRS[@]}"; do
		e_rcvids "$p"
		answered[$p]=$E_RESULTS
		E_RCVIDS[$p]=
	done
	"$4"
	for p in "${E_PAIRS[@]}"; do
		e_await "$p" 0 $E_TOLD
		e_now
		e_serve_rest "$p"
		e_client "$p" 0
		e_next "$p" SERVED
		e_fresh "$p" "$p"
		e_left "$p" 0
		E_SERVER[$p]=${E_SERVER[$p]/|-|/|${answered[$p]}|}
		e_then "$p" spare$snode
		e_limit "$p" $E_TOLD
		e_row "$p" "$1" "$where" "$E_FINE" "$E_LIMIT" "0|OK|empty" ""
	done
}

# Until a poll was not answered: far from as many as would end it
cable_out()
{
	cut 1
	t_ok "the cable is out until that is suspected" \
		t_eventually $E_PATIENCE suspected
}

suspected()
{
	on 1 qnetconfig -j node show n2 | grep -q suspect
}

cable_in()
{
	mend 1
}

# ---- Ends of the way -----------------------------------------------------------

# found NODE NAME
found()
{
	t_eventually $E_PATIENCE e_on "$1" qnetconfig node resolve "$2" >/dev/null
}

# These take as long as a silence may: both happen at once, each to two nodes of
# its own.
cables_out()
{
	local client server began first second

	e_pairs remote 1 2
	client=("${E_PAIRS[@]}")
	e_pairs other 3 4
	server=("${E_PAIRS[@]}")
	e_spare 4
	e_begin "${client[@]}" "${server[@]}"
	# It takes a while to pull one, and in the worst case it is out only then.
	e_now
	began=$E_T0
	cut 1
	e_now
	first=$(((E_T0 - began) / 1000))
	cut 4
	second=$(((${EPOCHREALTIME/./} - E_T0) / 1000))
	e_lost "${server[@]}"
	E_T0=$began
	e_lost "${client[@]}"
	mend 1
	found 1 n2
	e_rows spare2 "client's cable is out" "$E_DOWN" "$E_LEFT" $((E_WORST + first)) \
		"${client[@]}"
	mend 4
	found 3 n4
	e_rows spare4 "server's cable is out" "$E_DOWN" "$E_LEFT" $((E_WORST + second)) \
		"${server[@]}"
	e_end_pairs "${server[@]}"
	e_end spare4.s
}

# ---- Ends of a circuit -----------------------------------------------------------

# forget NODE PID OTHER SIDE: the circuits that a process has with another node are
# lost at this end, and nobody there is told
forget()
{
	local ids

	ids=$(on "$1" qnetconfig -j vc show pid "$2" node "$3" state up </dev/null |
		grep -oE '"id": *[0-9]+')
	e_now
	sed "s/.*[^0-9]/vc kill /; s/\$/ node $3 side $4 quiet/" <<<"$ids" |
		on "$1" qnetconfig -b -
}

# unknown client|server: this end has lost its circuits. It knows that at once; the
# other is told by its watchdog that they are unknown there. To lose them takes a
# while, too.
unknown()
{
	local p found before
	declare -A began took

	[ "$1" = client ] && found=2 || found=1
	e_pairs remote 1 2
	before=$(m_stat $found watch_lost)
	for p in "${E_PAIRS[@]}"; do
		e_await "$p" 2 $E_TOLD
		e_watch "$p"
		if [ "$1" = client ]; then
			forget 1 "${E_PID[$p.c]}" n2 client
		else
			forget 2 "${E_PID[$p.s]}" n1 server
		fi
		began[$p]=$E_T0
		e_now
		took[$p]=$(((E_T0 - began[$p]) / 1000))
	done
	for p in "${E_PAIRS[@]}"; do
		E_T0=${began[$p]}
		e_client "$p" 2
		e_server "$p"
		e_next "$p"
		e_fresh "$p" "$p"
		e_then "$p" spare2
		if [ "$1" = client ]; then
			e_row "$p" "circuit unknown at the client" remote \
				"$E_CUT" $((E_TOLD + took[$p])) \
				"$E_LEFT" $((E_FOUND + took[$p]))
		else
			e_row "$p" "circuit unknown at the server" remote \
				"$E_CUT" $((E_FOUND + took[$p])) \
				"$E_LEFT" $((E_TOLD + took[$p]))
		fi
	done
	t_is "each circuit unknown at the $1 was found" \
		"$(($(m_stat $found watch_lost) - before))" $((2 * ${#E_PAIRS[@]}))
}

# removed bearer|peer client|server
removed()
{
	local n=1

	[ "$2" = client ] || n=2
	e_pairs remote 1 2
	e_begin "${E_PAIRS[@]}"
	e_now
	if [ "$1" = bearer ]; then
		on $n qnetconfig bearer del dev q0
	else
		on $n qnetconfig peer del n$((3 - n))
	fi
	e_lost "${E_PAIRS[@]}"
	if [ "$1" = bearer ]; then
		on $n qnetconfig bearer add dev q0
	else
		on $n qnetconfig peer add n$((3 - n)) any >/dev/null
	fi
	found 1 n2
	e_rows spare2 "$1 removed at the $2" "$E_DOWN" "$E_LEFT" $E_TOLD \
		"${E_PAIRS[@]}"
}

# ---- Ends of a node ------------------------------------------------------------

# x_node NAMESPACE: node x, always at the same address, its plug not in the cable;
# each has a boot id of its own
x_node()
{
	ip netns add "$1"
	ip -n wire link add "$1q0" mtu 65535 type veth \
		peer name q0 address 02:00:00:00:00:63 netns "$1"
	ip -n wire link set "$1q0" master c0
	ip -n "$1" link set lo up
	ip -n "$1" link set q0 up
	e_on "$1" qnetconfig node set self name x
	e_on "$1" qnetconfig bearer add dev q0
	e_on "$1" qnetconfig peer add n1 any >/dev/null
}

# x_plug NAMESPACE up|down
x_plug()
{
	ip -n wire link set "$1q0" "$2"
}

x_gone()
{
	! ip -n wire link show "$1q0" 2>/dev/null
}

# x_ends NAMESPACE PROCESS...: with all that is in it
x_ends()
{
	local ns=$1

	shift
	e_kill KILL "$@"
	ip netns del "$ns"
	e_forget "$@"
	t_eventually $E_PATIENCE x_gone "$ns"
}

# Its processes end first, so it is they who are told of.
namespace_of_server()
{
	x_node x
	x_plug x up
	found 1 x
	e_pairs remote 1 x
	for p in "${E_PAIRS[@]}"; do
		e_await "$p" 2 $E_TOLD
	done
	e_now
	x_ends x "${E_PAIRS[@]/%/.s}"
	e_lost "${E_PAIRS[@]}"
	x_node y
	x_plug y up
	found 1 x
	e_spare y
	e_rows sparey "namespace of the server ends" \
		"${E_GONE/|ESRCH|/|EHOSTUNREACH|}" - $E_TOLD "${E_PAIRS[@]}"
	x_ends y sparey.s
}

namespace_of_client()
{
	local p

	x_node x
	x_plug x up
	found x n1
	e_pairs local x 1
	for p in "${E_PAIRS[@]}"; do
		e_watch "$p"
	done
	e_now
	x_ends x "${E_PAIRS[@]/%/.c}"
	for p in "${E_PAIRS[@]}"; do
		e_server "$p"
		e_row "$p" "namespace of the client ends" remote - "" \
			"$E_LEFT" $E_TOLD
	done
}

# x_restarts: as by a power cut, for no last word gets out; another node x is
# there at once, and speaks, from when on the time counts
x_restarts()
{
	x_plug x down
	x_plug y up
	e_now
	e_fresh speaker spare1
}

# x_speaker: of the node that is to come
x_speaker()
{
	x_node y
	e_start speaker.c y "$E_BIN/ends/client"
	E_TO[speaker]=n1
}

# Both are told by the boot id, before a silence could be noticed.
restart_of_server()
{
	local p before

	x_node x
	x_plug x up
	found 1 x
	e_pairs remote 1 x
	x_speaker
	for p in "${E_PAIRS[@]}"; do
		e_await "$p" 2 $E_TOLD
	done
	before=$(m_stat 1 nd_changed)
	x_restarts
	for p in "${E_PAIRS[@]}"; do
		e_client "$p" 2
		e_next "$p"
	done
	e_fresh_all "${E_PAIRS[@]}"
	e_spare y
	for p in "${E_PAIRS[@]}"; do
		e_then "$p" sparey
		e_row "$p" "server's node restarts" remote \
			"EHOSTDOWN|1 1 0|EBADF EBADF|ESRCH|OK" $E_TOLD - ""
	done
	t_is "that it is another node was counted" \
		"$(($(m_stat 1 nd_changed) - before))" 1
	e_end "${E_PAIRS[@]/%/.s}"
	x_ends x
	x_ends y speaker.c sparey.s
}

restart_of_client()
{
	local p

	x_node x
	x_plug x up
	found x n1
	e_pairs local x 1
	x_speaker
	for p in "${E_PAIRS[@]}"; do
		e_watch "$p"
	done
	x_restarts
	for p in "${E_PAIRS[@]}"; do
		e_server "$p"
		e_row "$p" "client's node restarts" remote - "" "$E_LEFT" $E_TOLD
	done
	e_end "${E_PAIRS[@]/%/.c}"
	x_ends x
	x_ends y speaker.c
}

# ---- All of it -----------------------------------------------------------------

processes()
{
	server_gone server_exits "server exits"
	server_gone server_killed "server is killed"
	server_gone server_destroys "server destroys the channel"
	nothing_gone "server's thread ends" trecv : :
	client_gone client_exits "client exits"
	client_gone client_killed "client is killed"
	client_detaches
}

t_ok "test programs are built" e_build
# Nobody shall find out by himself what he should be told.
e_watchdog poll-period 100 idle-time 100 num-polls 3
e_spare 1
e_spare 2
# Once, so that what stays for good is there
E_KINDS=many e_pairs warm 1 2
e_end_pairs "${E_PAIRS[@]}"
t_ok "circuits go" t_eventually 20 m_no_circuits
before=$(m_conns) bytes=$(m_kmalloc)

where=local snode=1
processes
where=remote snode=2
processes
e_watchdog poll-period 1 idle-time 1 num-polls 100
nothing_gone "cable is out, but not long" recv cable_out cable_in
e_watchdog num-polls 3
cables_out
unknown client
unknown server
e_watchdog poll-period 100 idle-time 100
for what in bearer peer; do
	removed $what client
	removed $what server
done
on 1 qnetconfig peer add x any >/dev/null
namespace_of_server
namespace_of_client
restart_of_server
restart_of_client
on 1 qnetconfig peer del x

e_none_left
t_ok "no circuit is left" t_eventually 20 m_no_circuits
t_is "there are as many connections as before" "$(m_conns)" "$before"
now=$(m_kmalloc)
t_note "kmalloc: $bytes bytes, then $now"
t_ok "memory has not grown" test $((now - bytes)) -lt $E_GROWTH
t_ok "and the module can be taken out" t_eventually 20 rmmod qnet
e_print
done_testing
