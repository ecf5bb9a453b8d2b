#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Frames nobody should send: each is dropped, counted under its reason, and
# costs the messages under way nothing.
#
# lab: -n 2 -m netns
# kernels: debug
# hostile: yes
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"

ghost=02:00:00:00:90:57
tmp=$(mktemp -d)

# count NAME: what node 2 has counted under NAME
count()
{
	on 2 awk -v n="$1" '$1 == n { print $2 }' /proc/net/qnet/stats
}

# hostile KIND COUNTER: every frame of KIND is counted there, exactly
hostile()
{
	local kind=$1 counter=$2 before sent

	before=$(count "$counter")
	echo "$kind" >&"${play[1]}"
	read -r sent <&"${play[0]}" || sent=-1
	t_ok "$kind: all counted as $counter" \
		t_eventually 3 counted "$counter" $((before + sent))
}

counted()
{
	local now

	now=$(count "$1")
	[ "$now" -eq "$2" ] || { echo "$1: $now, not $2"; return 1; }
}

# calls COUNT SIZE: prints how many of COUNT were answered right
calls()
{
	on 1 "$here/wire/echo" call n2 "$tmp/server" "$1" "$2"
}

victim=$(on 2 cat /sys/class/net/q0/address)
coproc play { on 1 "$here/wire/play" q0 "$victim" -; }
on 2 qnetconfig peer add ghost lladdr "$ghost"
on -d 2 "$here/wire/echo" serve "$tmp/server"
t_eventually 10 test -s "$tmp/server"

t_is "messages before" "$(calls 50 3000)" 50
kept=$(count tx_conn_created)

(while :; do calls 50 3000; done) >"$tmp/meanwhile" 2>&1 &
meanwhile=$!

hostile short		rx_bad_short
hostile version		rx_bad_version
hostile crc		rx_bad_crc
hostile crc_payload	rx_bad_crc
hostile length		rx_bad_length
hostile offset		rx_bad_offset
hostile offset_wrap	rx_bad_offset
hostile first		rx_bad_offset
hostile type		rx_bad_type
hostile layer		rx_bad_layer
hostile layer_type	rx_bad_layer
hostile self		rx_self
hostile elsewhere	rx_otherhost
# The bridge believed it: the true owner speaks up
on 2 qnetconfig node resolve n1 >/dev/null
hostile stranger	rx_stranger
hostile stolen		rx_stranger
hostile node		rx_stranger
hostile address		rx_stranger
hostile conn		rx_no_conn
hostile conn_ack	rx_no_conn
hostile init_nul	rx_bad_tcs
hostile init_off	rx_bad_tcs
hostile init_other	rx_bad_tcs
hostile lr_short	rx_bad_lr
hostile lr_off		rx_bad_lr
hostile lr_type		rx_bad_lr
hostile lr_piece	rx_bad_offset
hostile lr_forged	rx_bad_lr
hostile lr_address	rx_stranger
hostile lr_stranger	rx_stranger

kill $meanwhile
wait $meanwhile 2>/dev/null
t_fail "meanwhile no message was lost" grep -v '^50$' "$tmp/meanwhile"
t_is "and no connection" "$(count tx_conn_created)" "$kept"

hostile window		rx_bad_offset
hostile dup		rx_dup
hostile overlap		rx_bad_offset
hostile holes		rx_nomem
hostile nr		rx_bad_nr
hostile nr_name		rx_bad_nr
hostile kif_type	rx_bad_kif_type
hostile kif_short	rx_bad_kif_short
hostile kif_size	rx_bad_kif_size
hostile kif_data	rx_bad_kif_data
hostile kif_cred	rx_bad_cred
hostile kif_unknown	kif_unknown
hostile unblock		kif_unknown
hostile disconnect	kif_unknown
hostile success		kif_unknown
hostile name		rx_bad_name
hostile answer		kif_unknown
hostile watch		rx_bad_watch

before=$(count rx_nomem)
t_ok "hoarding frames" on 1 "$here/wire/play" q0 "$victim" hoard 30
t_ok "hoarding: beyond the budget nothing is kept" \
	test "$(count rx_nomem)" -gt "$before"

t_is "messages after" "$(calls 50 3000)" 50

# An opening in a peer's name, from its own address, is believed; it costs what
# is under way, but the two come to rest.
before=$(count nd_up)
t_ok "forged openings" on 1 "$here/wire/play" q0 "$victim" storm 200
sleep 1
t_ok "forged openings are no storm" test $(($(count nd_up) - before)) -le 30
quiet=$(count tx_conn_created)
sleep 1
t_is "and then there is silence" "$(count tx_conn_created)" "$quiet"
t_is "messages after forged openings" "$(calls 50 3000)" 50

t_ok "noise" on 1 "$here/wire/play" q0 "$victim" noise 3000
t_is "messages after noise" "$(calls 50 3000)" 50
t_is "large messages" "$(calls 10 300000)" 10
done_testing
