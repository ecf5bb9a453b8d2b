#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The watchdog: what idle circuits cost, a circuit that one end has lost, a node
# that falls silent, and what can be set. By the instruction clock, so that times
# are those of the nodes and not of a busy machine.
#
# lab: -n 2 -i
# kernels: stock
# timeout: 200
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh source=watchdog/lib.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/watchdog/lib.sh"

EHOSTDOWN=112
ESRCH=3
slow=1
count=1000
if [ "$LAB_KERNEL" = debug ]; then
	slow=8
	count=50
fi

# called N: so many messages have come since $before was read
called()
{
	[ "$(w_stat 2 server_msgs)" -ge $((before + $1)) ]
}

polls()
{
	echo $(($(w_stat 1 watch_polls) + $(w_stat 2 watch_polls)))
}

t_ok "the programs build" w_build
w_serve
t_result $? "the server is up"
t_like "the watchdog is told" "$(on 1 qnetconfig watchdog show)" \
	'all: poll-period 1s idle-time 1s max-idle-time never num-polls 3 num-qpkts 16 worst 4s
n2: .* worst 4s own -'

# ---- Idle circuits

w_client $count
w_line $((60 * slow))
t_like "$count circuits" "$line" "^open $count first "
t_is "both ends have them" "$(w_node 1 vcs) $(w_node 2 vcs)" "$count $count"

# What is under way ends, and the sets are compared at least once.
before=$(polls)
polled()
{
	[ "$(polls)" -gt $((before + 1)) ]
}
t_ok "the nodes poll" t_eventually $((10 * slow)) polled
differ=$(w_stat 1 watch_differ)$(w_stat 2 watch_differ)
w_frames 10 1000
t_is "the sets are the same" \
	"$(w_stat 1 watch_differ)$(w_stat 2 watch_differ)" "$differ"

# ---- Circuits that one end has lost

t_ok "a server's end is lost" w_lose 2 server "$(w_ids 2 1)"
w_line $((10 * slow))
t_like "its client hears that" "$line" '^dead [0-9]+$'
read -r ends took _ <<<"$(w_found)"
t_note "found after ${took:-?} ms"
t_ok "within a period, or an eighth more" test "${took:-9999}" -le $((1125 + 25 * slow))
t_is "and ends that one circuit" "${ends:-0} $(w_stat 1 watch_lost)" "1 1"
t_ok "a client's end is lost" \
	on 1 qnetconfig vc kill "$(w_ids 1 1)" node n2 side client quiet
w_line 10
t_like "the client hears that, too" "$line" '^dead [0-9]+$'
t_ok "and the server's node finds out" \
	t_eventually $((10 * slow)) w_node_is 2 vcs $((count - 2))
t_is "that one, too" "$(w_stat 2 watch_lost)" 1
w_tell echo
w_line $((60 * slow))
t_is "the others are as they were" "$line" "good $((count - 2)) bad 2"
t_ok "a circuit is killed" \
	on 1 qnetconfig vc kill "$(w_ids 1 1)" node n2 side client
w_line 10
t_ok "at both ends at once" t_eventually $((10 * slow)) w_node_is 2 vcs $((count - 3))
t_is "without the watchdog" "$(w_stat 2 watch_lost)" 1

# ---- Many that one end has lost, of almost as many parts of the set

# Both ask about their own.
t_ok "a packet at one time" w_set num-qpkts 1
# shellcheck disable=SC2046
t_ok "20 servers' ends are lost" w_lose 2 server $(w_ids 2 20)
dead=0
while [ $dead -lt 20 ] && w_line $((10 * slow)); do
	[[ $line != dead* ]] || dead=$((dead + 1))
done
t_is "their clients hear that" "$dead" 20
read -r ends _ took <<<"$(w_found)"
t_note "the last of ${ends:-?} was found ${took:-?} ms after the first"
t_ok "by a packet every 20 ms, for each part" \
	test "${ends:-0}" -eq 20 -a "${took:-0}" -ge 200
t_is "and no other one is" "$(w_stat 1 watch_lost) $(w_stat 2 watch_lost) $(w_node 1 vcs)" \
	"21 1 $((count - 23))"

# ---- A node that falls silent

t_ok "there is a tracepoint of that, too" \
	eval "echo 1 >$W_TRACE/events/qnet/qnet_watchdog/enable"
on -d 1 stdbuf -oL qnetconfig monitor node >"$LAB_OUT/monitor"
before=$(w_stat 2 server_msgs)
w_tell call
t_ok "a call waits" t_eventually $((10 * slow)) called 1
nd=$(w_node 1 nd)
w_mark cutting
cut 1
w_mark cut_off
until w_line $((30 * slow)); [[ $line != dead* ]]; do :; done
t_like "the cable is cut: the caller is told" "$line" "^errno $EHOSTDOWN after"
# By the kernel's clock: who reads what is told may wait for the host meanwhile.
dead=$(w_at "qnet_watchdog: .* nd=$nd from=suspect to=dead")
least=$((dead - $(w_at ': cutting'))) most=$((dead - $(w_at ': cut_off')))
t_note "dead $most to $least ms after the cable was cut"
t_ok "not before num-polls polls, nor later than the worst case" \
	test $least -ge 3000 -a $most -le 4100
t_like "the states were seen" "$(tr '\n' ' ' <"$LAB_OUT/monitor")" \
	'watchdog probing.*watchdog suspect.*watchdog dead'
t_like "and traced" "$(cat $W_TRACE/trace)" \
	"qnet_watchdog: netns=[0-9]+ nd=$nd from=up to=probing unanswered=1.* nd=$nd from=suspect to=dead unanswered=3"
t_is "it is dead" "$(w_node 1 watchdog) $(w_node 1 unanswered)" "dead 0"
mend 1
w_close
t_ok "the other node has forgotten all" \
	t_eventually $((10 * slow)) w_node_is 2 vcs 0

# ---- Cut for a shorter time

t_ok "more polls" w_set num-polls 30
w_client 20
w_line $((30 * slow))
t_like "new circuits" "$line" "^open 20 "
cut 1
t_ok "the cable is cut until it is noticed" \
	t_eventually $((20 * slow)) w_node_is 1 watchdog suspect
w_tell echo
mend 1
w_line $((30 * slow))
t_is "no call fails" "$line" "good 20 bad 0"
t_ok "and the node is up again" t_eventually 10 w_node_is 1 watchdog up

# ---- Parameters

t_ok "of one node" on 1 qnetconfig watchdog set node n2 poll-period 0.5 num-polls 7
t_like "hold for it" "$(on 1 qnetconfig watchdog show n2)" \
	'^n2: poll-period 0.5s idle-time 1s .* num-polls 7 .* worst 4.5s own poll_period,num_polls$'
t_ok "of all" on 1 qnetconfig watchdog set num-polls 5 idle-time 900ms
t_like "hold for what it has not" "$(on 1 qnetconfig watchdog show n2)" \
	'poll-period 0.5s idle-time 0.9s .* num-polls 7 '
t_ok "until it takes what all have" on 1 qnetconfig watchdog set node n2 inherit
t_like "that" "$(on 1 qnetconfig watchdog show n2)" \
	'poll-period 1s idle-time 0.9s .* num-polls 5 .* own -$'

# ---- Circuits over which nothing goes

before=$(w_stat 2 server_msgs)
w_tell call
t_ok "a call waits on a circuit" t_eventually $((10 * slow)) called 2
t_ok "a circuit may be idle for a time" \
	on 2 qnetconfig watchdog set max-idle-time 2
dead=0 told=
while [ $dead -lt 20 ] || [ -z "$told" ]; do
	w_line $((20 * slow)) || break
	case $line in
	dead*)
		dead=$((dead + 1)) ;;
	errno*)
		told=$line ;;
	esac
done
t_is "then they all end" "$dead" 20
t_like "with the call, for the server's node has ended it" "$told" \
	"^errno $ESRCH after"
t_is "as many as there were" "$(w_stat 2 watch_expired)" 20
t_is "at both ends" "$(w_node 2 vcs)" 0
w_close
done_testing
