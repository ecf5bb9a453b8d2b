#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Clients that want out of a call to another node, on a bad cable: every one
# gets out with what it would get on a good one; and whose server's node dies
# gets out, too, though the server never agreed.
#
# lab: -n 2 -m netns
# kernels: stock
# timeout: 200
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/api/run.sh"

tmp=$(mktemp -d)

# A server that receives one message, and never replies nor looks at a pulse
silent_server()
{
	on -d 2 sh -c "{ echo 'recv 1 24'; sleep 1000; } |
		'$API/server' 2 > $tmp/server"
	t_eventually 30 test -s "$tmp/server"
	sed -n 's/^ready \([0-9]* [0-9]*\) 0$/\1/p' "$tmp/server" > "$tmp/at"
	test -s "$tmp/at"
}

# Its time of a second is long over, and it is still there
client_stays()
{
	on 1 "$here/wire/echo" call n2 "$tmp/at" 1 8 1 > "$tmp/client" 2>&1 &
	client=$!
	t_eventually 30 grep -q '^[1-9]' "$tmp/server" || return
	sleep 3
	[ ! -s "$tmp/client" ] || { t_note "$(cat "$tmp/client")"; return 1; }
}

t_ok "test programs are built" api_build
api_agent 2
impair 1 loss 10% delay 2ms
for prog in signals timeout; do
	api_run $prog on 1 env QNET_TEST_ND=n2 QNET_TEST_AGENT="$AGENT" \
		"$API/$prog"
done
impair 1

silent_server
t_result $? "a server that is asked"
client_stays
t_result $? "its client stays when its time is over"
t_ok "that it wants out was counted" test \
	"$(on 2 awk '$1 == "server_unblock" { print $2 }' /proc/net/qnet/stats)" -gt 0
cut 2
wait $client
t_like "the node falls silent: the call ends" "$(cat "$tmp/client")" \
	"Errno 112"
mend 2
done_testing
