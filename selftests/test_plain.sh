#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A peer that has none of our extensions, played by a script: it is spoken to
# in plain LWL4 only, and it calls us as we call it. And openings as nobody
# would wish for: crossing ones, restarts in their middle, forged ones: the
# answers stay few, and calls go on.
#
# lab: -n 2 -m netns
# kernels: stock
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

tmp=$(mktemp -d)
victim=$(on 2 cat /sys/class/net/q0/address)
rounds=20

# plain ARGS...: the peer on node 1's cable
plain()
{
	on 1 "$here/wire/plain" q0 "$victim" "$@" 2>>"$tmp/kinds"
}

# they_call COUNT SIZE NAME: the plain peer calls the server on node 2
they_call()
{
	local out status=0

	out=$(plain call "$tmp/server" "$1" "$2") || status=1
	[ "$(tail -n 1 <<<"$out")" = "$1" ] || status=1
	t_result $status "$3"
	[ $status -eq 0 ] || t_note "$out"
}

# be_called [NBYTES]: the peer is a server, until be_gone; not by $!, which is
# another by then
be_called()
{
	rm -f "$tmp/stop" "$tmp/at"
	plain serve "$tmp/at" "$tmp/stop" "$@" >"$tmp/out" 2>&1 &
	peer=$!
	t_eventually 20 test -s "$tmp/at"
}

be_gone()
{
	touch "$tmp/stop"
	wait "$peer"
}

# we_call NAME [NBYTES]: and is called, and takes so much at once
we_call()
{
	local name=$1 status=0

	shift
	be_called "$@"
	t_is "$name: small calls" \
		"$(on 2 "$here/wire/echo" call ghost "$tmp/at" 30 3000 2>&1)" 30
	t_is "$name: large calls" \
		"$(on 2 "$here/wire/echo" call ghost "$tmp/at" 10 300000 2>&1)" 10
	sleep 0.5
	be_gone || status=1
	t_result $status "$name: in plain LWL4"
	[ $status -eq 0 ] || t_note "$(cat "$tmp/out")"
}

# we_leave NAME VARIABLE: calls to a peer that does not answer end by their time
we_leave()
{
	local status=0

	export "$2=1"
	be_called
	unset "$2"
	t_is "$1: calls time out" \
		"$(on 2 "$here/wire/echo" call ghost "$tmp/at" 3 1 1 2>&1 |
			sed 's/.*Errno 110.*/ETIMEDOUT/')" \
		$'ETIMEDOUT\nETIMEDOUT\nETIMEDOUT\n0'
	be_gone || status=1
	t_result $status "$1: in plain LWL4"
	[ $status -eq 0 ] || t_note "$(cat "$tmp/out")"
}

# they_ask: the plain peer asks the server on node 2 for events
they_ask()
{
	local out

	out=$(plain events "$tmp/server")
	t_is "a plain peer asks for events" "$out" 2
}

# we_ask: a client on node 2 asks the plain peer for one, and waits for its answer
we_ask()
{
	be_called
	t_is "a plain peer sends an event" \
		"$(on 2 "$here/wire/echo" event ghost "$tmp/at" 2>&1)" "3 -4711"
	sleep 0.5
	be_gone || t_note "$(cat "$tmp/out")"
}

# few NAME LIMIT COMMAND...: no more than LIMIT answers, as it counts them
few()
{
	local name=$1 limit=$2 out n status=0

	shift 2
	out=$("$@") || status=1
	n=$(tail -n 1 <<<"$out")
	[ "${n:-999999}" -le "$limit" ] || status=1
	t_result $status "$name: not more than $limit frames"
	t_note "$out"
}

t_ok "test programs are built" m_build
on 2 qnetconfig peer add ghost any
on -d 2 "$here/wire/echo" serve "$tmp/server"
t_eventually 20 test -s "$tmp/server"
t_result $? "the server is up"

we_call "a plain peer is called"
we_call "one that takes 1000 bytes at once" 1000
they_call 30 3000 "a plain peer calls: small calls"
they_call 10 300000 "large calls"
they_ask

export PLAIN_NOCRC=1
before=$(m_stat 2 rx_bad_crc)
they_call 10 3000 "a plain peer without checksums calls"
we_call "it is called"
t_is "none of its frames is dropped for that" "$(m_stat 2 rx_bad_crc)" "$before"
unset PLAIN_NOCRC
we_call "it is called again"
we_ask

t_is "a plain peer that wants out of anything" \
	"$(plain unblock "$tmp/server" 50 | tail -n 1)" 50
they_call 5 3000 "calls after that"
we_leave "a plain peer that does not reply" PLAIN_SILENT
we_leave "one that does not open a circuit" PLAIN_DEAF
we_call "it replies again"

export PLAIN_CRASH=1
we_call "it is called once more"
unset PLAIN_CRASH
be_called
t_like "it has restarted: one call is lost at most" \
	"$(on 2 "$here/wire/echo" call ghost "$tmp/at" 10 3000 2>&1 |
		sed 's/call 0 of 1 bytes.*/the first/')" $'^(the first\n9|10)$'
be_gone || t_note "$(cat "$tmp/out")"
they_call 5 3000 "and calls again"

# One whose connections have the same number after each start, which cannot be
# told from an opening that comes late until that is too long ago.
export PLAIN_ID=7
they_call 5 3000 "a plain peer calls over connection 7"
sleep 1.5
they_call 5 3000 "it does so again"
sleep 1.5
export PLAIN_CRASH=1
they_call 5 3000 "and once more, but does not say that it ends"
unset PLAIN_CRASH
sleep 1.5
they_call 5 3000 "it has restarted, and calls"
unset PLAIN_ID

# With our extensions announced it is not plain any more, which shows
export PLAIN_TAIL=00716e6c011a0f00000000112233445566778899aabbccddeeff
plain call "$tmp/server" 30 20000 >"$tmp/out"
t_like "what is not plain is found" "$(cat "$tmp/out")" "not plain"
unset PLAIN_TAIL
they_call 5 3000 "a plain peer in its place"

few "crossing openings" $((rounds * 6 + 20)) plain cross $rounds
they_call 5 3000 "calls after crossing openings"
few "restarts during the opening" $((rounds * 8 + 30)) plain reboot $rounds
they_call 5 3000 "calls after restarts"
we_call "and in the other direction"

# In the name of node 1, while it talks with node 2
m_serve -m 2
m_call -k 2 -n 10 -S 65536 -T 30
m_verdict "calls of node 1" 20
M_MAY=EHOSTDOWN,EHOSTUNREACH,ESRCH,EBADF
m_begin -k 2 -S 65536 -i 20 -T $((60 * M_SLOW))
sleep 1
few "forged openings, 500 a second" 60 \
	plain forge n1 "$(on 1 cat /sys/class/net/q0/address)" 2000 500
sleep 1
m_end
m_verdict "meanwhile calls go on" 4
M_MAY=
m_call -k 2 -n 10 -S 65536 -T 30
m_verdict "afterwards none fails" 20
before=$(m_stat 2 tx_conn_created)
sleep 2
t_is "and no connection is made anew" "$(m_stat 2 tx_conn_created)" "$before"
done_testing
