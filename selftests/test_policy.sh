#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Who may a peer's clients be here, and how many? What the administrator of node 2
# says of node 1 is in force before any server there sees a circuit.
#
# lab: -n 2 -m netns
# kernels: stock
# timeout: 90
# batch: yes
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034,SC2317

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

set_peer()
{
	on 2 qnetconfig peer set n1 "$@" </dev/null
}

# as USER ARGS...: clients of that user on node 1; sets M_OUT
as()
{
	local user=$1

	shift
	M_STATUS=0
	M_OUT=$(on 1 setpriv --reuid "$user" --regid "$user" --clear-groups \
		"$MATRIX" call -e "$errors" -T 60 "$@" n2 "$M_AT" </dev/null \
		2>"$M_DIR/client.err") || M_STATUS=$?
}

# uids USER: who its clients are on node 2 while they call
uids()
{
	local job uid

	rm -f "$M_DIR/stop"
	on 1 setpriv --reuid "$1" --regid "$1" --clear-groups "$MATRIX" call \
		-q "$M_DIR/stop" -k 1 -S 100 -i 20 -T 60 n2 "$M_AT" \
		</dev/null >/dev/null 2>&1 &
	job=$!
	t_eventually 20 served
	uid=$(on 2 qnetconfig -j vc </dev/null |
		python3 -c 'import json, sys
print(*sorted({vc["uid"] for vc in json.load(sys.stdin)}))')
	touch "$M_DIR/stop"
	wait $job
	t_eventually 20 m_no_circuits
	echo "$uid"
}

served()
{
	on 2 qnetconfig vc </dev/null | grep -q server
}

errors=
t_ok "test programs are built" m_build
m_public
m_serve -m 1
chmod 644 "$M_AT"

t_is "root is root" "$(uids 0)" 0
t_is "others are who they are" "$(uids 1000)" 1000
t_ok "maproot" set_peer maproot 4711
t_is "maproot: root is somebody" "$(uids 0)" 4711
t_is "maproot: others are who they are" "$(uids 1000)" 1000
t_ok "mapany" set_peer mapany nobody:12
t_is "mapany: root is nobody" "$(uids 0)" 65534
t_is "mapany: and so is everybody" "$(uids 1000)" 65534
t_like "it is shown" "$(on 2 qnetconfig -d peer show n1 </dev/null)" \
	'maproot 4711:4711 mapany 65534:12 min-uid 0 max-vcs 262144 vc-rate 0'
t_ok "off" set_peer mapany off maproot off
t_is "off: root is root again" "$(uids 0)" 0

t_ok "min-uid" set_peer min-uid 1000
errors=EPERM
as 0 -k 1 -d 1
t_like "min-uid: root is refused" "$M_OUT" " calls 0 .* EPERM "
as 999 -k 1 -d 1
t_like "min-uid: a system user, too" "$M_OUT" " calls 0 .* EPERM "
errors=
as 1000 -k 1 -n 3 -S 100
t_ok "min-uid: others are served" test $M_STATUS -eq 0
t_ok "min-uid and maproot" set_peer maproot 1000
as 0 -k 1 -n 3 -S 100
t_ok "it is who he is here that counts" test $M_STATUS -eq 0
t_ok "the refused were counted" test "$(m_stat 2 kif_refused)" -ge 2
set_peer maproot off min-uid 0

t_ok "max-vcs" set_peer max-vcs 3
errors=ENOBUFS
as 0 -k 6 -d 2 -S 100
t_like "max-vcs: more get ENOBUFS" "$M_OUT" " errors [1-9].* ENOBUFS "
t_ok "max-vcs: the others are served" test "$(m_word calls "$M_OUT")" -gt 0
t_eventually 20 m_no_circuits
errors=
as 0 -k 3 -n 5 -S 100
t_ok "max-vcs: up to that all are" test $M_STATUS -eq 0
set_peer max-vcs 262144

t_ok "vc-rate" set_peer vc-rate 2
sleep 1
errors=EAGAIN
as 0 -k 12 -d 4 -S 100
t_like "vc-rate: more in a second get EAGAIN" "$M_OUT" " errors [1-9].* EAGAIN "
t_ok "vc-rate: and are served when they try again" \
	test "$(m_word calls "$M_OUT")" -gt 4
set_peer vc-rate 0
errors=
as 0 -k 12 -n 2 -S 100
t_ok "vc-rate: any number again" test $M_STATUS -eq 0

# ---- Bad input

t_like "no user" "$(set_peer maproot nosuchuser 2>&1)" 'nosuchuser'
t_like "too many circuits" "$(set_peer max-vcs 262145 2>&1)" \
	'max_vcs 262145\) \(0 to 262144\)\.'
t_like "too fast" "$(set_peer vc-rate 1000001 2>&1)" \
	'vc_rate 1000001\) \(0 to 1000000\)\.'
t_like "nothing of it was taken" "$(on 2 qnetconfig -d peer show n1 </dev/null)" \
	'maproot off mapany off min-uid 0 max-vcs 262144 vc-rate 0'

# ---- Sockets for whom?

t_ok "unprivileged off" on 1 qnetconfig domain set unprivileged off
as 1000 -k 1 -n 1
t_like "a user gets no socket" "$(cat "$M_DIR/client.err")" "not permitted"
as 0 -k 1 -n 1 -S 100
t_ok "root does" test $M_STATUS -eq 0
t_ok "unprivileged on" on 1 qnetconfig domain set unprivileged on
as 1000 -k 1 -n 1 -S 100
t_ok "a user gets one again" test $M_STATUS -eq 0
m_end_servers
done_testing
