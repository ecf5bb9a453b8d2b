#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Clients and servers that are killed in the middle of a call, on a cable that
# loses every tenth frame: who survives gets the error that is documented, and
# nothing of the dead is left. KILLS says how many (selftests/soak/run: more).
#
# lab: -n 2 -m netns
# kernels: stock debug
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

[ "$LAB_KERNEL" = debug ] && kills=20 || kills=100
KILLS=${KILLS:-$kills}
seconds=$((20 + KILLS * 2 * M_SLOW))
# Room for what other parts of the kernel do meanwhile
GROWTH=$((128 << 10))

# kill_clients N NAME: each in the middle of a call
kill_clients()
{
	M_MAY=ESRCH
	M_EXACT=
	m_call -k 4 -S 262144 -x "$1" -T $seconds
	m_verdict "$2"
	t_is "each of them in the middle of a call" "$(m_word killed "$M_OUT")" \
		"$1"
}

# As many as are killed, each while it served a call, unless they are stuck
kill_servers()
{
	m_serve -m 2 -t 4 -x "$1"
	M_MAY=ESRCH,EBADF
	m_begin -k 4 -S 262144 -T $seconds
	t_eventually $seconds test -e "$M_AT.killed"
	m_killed=$?
	m_end
}

t_ok "test programs are built" m_build
m_serve -m 2 -t 4
t_result $? "the servers are up"
m_call -k 4 -n 10 -S 262144 -T $seconds
m_verdict "calls" 40

# Once, so that what stays for good is there
impair 1 loss 10%
kill_clients 5 "5 clients are killed"
before=$(m_conns)
t_ok "their circuits go" t_eventually 20 m_no_circuits
bytes=$(m_kmalloc)

kill_clients "$KILLS" "$KILLS clients are killed: servers get ESRCH, or nothing"
t_ok "their circuits go" t_eventually 20 m_no_circuits
M_MAY=
M_EXACT=1
m_call -k 8 -n 5 -S 65536 -T $seconds
m_verdict "every server serves on" 40

kill_servers "$KILLS"
t_result $m_killed "$KILLS servers are killed"
m_verdict "their clients get ESRCH or EBADF"
t_is "each of them in the middle of a call" "$(m_word killed "$M_SEEN")" "$KILLS"
t_ok "their circuits go" t_eventually 20 m_no_circuits

impair 1
M_MAY=
m_serve -m 2 -t 4
m_call -k 4 -n 10 -S 262144 -T $seconds
m_verdict "calls on a good cable" 40
m_end_servers
t_ok "their circuits go, too" t_eventually 20 m_no_circuits
t_is "there are as many connections as before" "$(m_conns)" "$before"
sleep 2
now=$(m_kmalloc)
t_note "kmalloc: $bytes bytes, then $now"
t_ok "memory has not grown" test $((now - bytes)) -lt $GROWTH
t_ok "and the module can be taken out" t_eventually 20 rmmod qnet
done_testing
