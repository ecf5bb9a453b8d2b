#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "Why does my program hang?": clients that stand blocked, on their own node and
# on another one, are found by qnetconfig vc show -d, and the messages that their
# servers hold by qnetconfig channel show -d; nobody else sees them.
#
# lab: -n 2 -m netns
# kernels: stock
# timeout: 90
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"
. "$here/ends/lib.sh"
. "$here/api/run.sh"

# What the four kinds of clients bring, whatever the kernel
E_KINDS="send reply many idle"

# told WHAT NODE OTHER PAIR: what the tool says is what is
told()
{
	local what=$1 node=$2 other=$3 p=$4 object=vc ms

	[ "$what" = client ] || object=channel
	ms=$(((${EPOCHREALTIME/./} - since) / 1000))
	on "$node" qnetconfig -j -d $object show </dev/null |
		python3 "$here/diag/blocked.py" "$what" "${E_THREADS[${E_KIND[$p]}]}" \
		"${E_TAKEN[${E_KIND[$p]}]}" "${E_PID[$p.c]}" "${E_PID[$p.s]}" \
		$((ms + 1000)) "$other"
}

# by USER CMD...: on node 1
by()
{
	on 1 setpriv --reuid "$1" --regid "$1" --clear-groups "${@:2}" </dev/null
}

t_ok "test programs are built" m_build
for where in local remote; do
	snode=2 other1=n2 other2=n1
	[ $where = remote ] || snode=1 other1=0 other2=0
	since=${EPOCHREALTIME/./}
	e_pairs $where 1 $snode
	t_is "$where: clients are blocked" ${#E_PAIRS[@]} 4
	for p in "${E_PAIRS[@]}"; do
		t_is "$p: the client" "$(told client 1 $other1 "$p")" ""
		t_is "$p: the server" "$(told server $snode $other2 "$p")" ""
	done

	# In words
	p=$where.reply
	pid=${E_PID[$p.s]}
	[ $where = local ] && who="REPLY-blocked on process $pid \(server\)" ||
		who="SEND- or REPLY-blocked on process $pid of n2"
	t_like "$where: who waits for whom" \
		"$(on 1 qnetconfig vc show -d pid "${E_PID[$p.c]}" </dev/null)" \
		"thread [0-9]+ is $who for [0-9.]+s: 100 bytes, room for"
	t_like "$where: the socket, and its memory" \
		"$(on 1 qnetconfig vc show -d pid "${E_PID[$p.c]}" </dev/null)" \
		"inode [0-9]+ cookie [1-9][0-9]* skmem:\(r[0-9]+,rb[1-9][0-9]*,t[0-9]+,tb[1-9][0-9]*,f"
	t_like "$where: as JSON" \
		"$(on 1 qnetconfig -j vc show -d pid "${E_PID[$p.c]}" </dev/null)" \
		'"cookie":[1-9][0-9]*,"memory":\{"rmem":[0-9]+,"rcvbuf":[1-9]'
	t_like "$where: who is held" \
		"$(on $snode qnetconfig channel show -d pid "$pid" </dev/null)" \
		"held: by thread [0-9]+ of process ${E_PID[$p.c]}.*, rcvid [0-9]+ for [0-9.]+s"
	t_like "$where: the other one is queued" \
		"$(on $snode qnetconfig -d channel show pid "${E_PID[$where.send.s]}" </dev/null)" \
		"queued: by thread [0-9]+ of process ${E_PID[$where.send.c]}"
done

family=$(on 1 qnetconfig -j domain </dev/null)
e_number "$family" family
api_run requests on 1 python3 "$here/diag/requests.py" "$E_NUMBER"

# ---- Other users

t_is "another user sees that there are channels" \
	"$(by 65534 qnetconfig -j channel | grep -c '"uid"')" 1
t_is "not whose they are, nor what hangs on them" \
	"$(by 65534 qnetconfig -j -d channel | grep -cE '"(pid|comm|held)"')" 0
t_is "nor where connections lead" \
	"$(by 65534 qnetconfig -j -d vc | grep -cE '"(local_pid|remote_pid|comm|ino)"')" 0
t_is "nor by asking for a process" \
	"$(by 65534 qnetconfig -j channel show pid "${E_PID[local.reply.s]}")" "[]"

# ---- While sockets come and go

e_end_pairs local.{send,reply,many,idle} remote.{send,reply,many,idle}
m_serve -m 2 -t 2 -x 1000000
M_MAY=ESRCH,EBADF
# They leave time for others to run.
m_begin -k 4 -S 4096 -i 100 -x 1000000 -T 1000000
bad=0
for ((i = 0; i < 4 / M_SLOW; i++)); do
	for n in 1 2; do
		for object in vc channel; do
			on $n qnetconfig -j -d $object show </dev/null |
				python3 -m json.tool >/dev/null || bad=$((bad + 1))
		done
	done
done
t_is "while processes are killed: always valid JSON" $bad 0
m_end
M_EXACT=
m_verdict "they lived as they would have"
m_end_servers
t_ok "nothing is left" t_eventually 20 m_no_circuits
t_is "no socket, either" "$(on 1 qnetconfig -j channel </dev/null)" "[]"
t_ok "the module can be taken out" t_eventually 20 rmmod qnet
done_testing
