#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Public QNX programs, unedited: compiled with nothing but what pkg-config
# says, and each server run with its client. They are found in QNX_PROGRAMS
# or build/qnx-programs, where fetch puts them. A script of the lab, run by
# "make qnx-programs".
#
# All on one node, for none of these clients can be told of another: Client.c
# and pulse_client.c take a pid and a chid but have ND_LOCAL_NODE in their
# ConnectAttach(); name-lookup-client.c, iov-client.c and msg_client.c take no
# argument and call name_open() with a name of their own, no path, and flags 0.
# (test_api_idioms.sh has programs of these kinds that can.) A test here fails
# when that is no longer so.
#
# shellcheck source-path=SCRIPTDIR source=../lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
top=${LAB_REPO:-$(readlink -f "$here/../..")}
. "$top/selftests/lab/tap.sh"

src=${QNX_PROGRAMS:-$top/build/qnx-programs}
ipc=$src/QNX-ipc-practices
demo=$src/QNX-IPC-Benchmark-Message-Passing-Demo
out=/tmp/qnx
stage=$top/build/stage
export PKG_CONFIG_PATH=$stage/lib/pkgconfig LD_LIBRARY_PATH=$stage/lib

if [ ! -d "$ipc" ] || [ ! -d "$demo" ]; then
	plan 1
	t_skip "public QNX programs" \
		"not in $src: run selftests/qnx-programs/fetch"
	done_testing
fi

# build FILE...: as a user does, libraries before the source
build()
{
	local f

	mkdir -p "$out"
	for f in "$@"; do
		# shellcheck disable=SC2046
		t_ok "compile ${f#"$src"/}" gcc -w \
			$(pkg-config --cflags --libs libqnet) "$f" \
			-o "$out/$(basename "${f%.c}")"
	done
}

# run FILE PROG ARG...: in the background, its lines in FILE as they come
run()
{
	local file=$1 prog=$2

	shift 2
	rm -f "$file"
	on -d 1 env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" sh -c \
		"echo \$\$ > $file.pid; exec stdbuf -oL '$out/$prog' $* > $file 2>&1"
}

client()
{
	on 1 env LD_LIBRARY_PATH="$LD_LIBRARY_PATH" timeout 60 "$out/$1" \
		"${@:2}" 2>&1
}

# has FILE TEXT: wait for a line
has()
{
	t_eventually 60 grep -q -- "$2" "$1"
}

number()
{
	sed -n "s/.*$2 *: *\([0-9]*\).*/\1/p" "$1" | head -n 1
}

t_fail "none of them can name another node" grep -rnE --include='*.[ch]' \
	'netmgr_|/net/|argv\[3\]|ND_NODE_CMP|NAME_FLAG|name_open\( *[^" ]' "$ipc" "$demo"
t_is "all their connections are to this node" \
	"$(grep -rhoE 'ConnectAttach\([^,]*' "$ipc" "$demo" --include='*.c' | sort -u)" \
	"ConnectAttach(ND_LOCAL_NODE"

build "$ipc"/server-client/*.c "$ipc"/pulse-server-client/*.c \
	"$ipc"/name-lookup/*.c "$ipc"/iov-server-client/*.c "$demo"/msg_*.c

run /tmp/server Server
has /tmp/server Waiting
client Client "$(cat /tmp/server.pid)" "$(number /tmp/server 'Channel id')" \
	> /tmp/client
t_like "server-client: the client is done" "$(cat /tmp/client)" "Sent 15"
t_ok "server-client: the server received" has /tmp/server "Received 15"
t_ok "server-client: the server replied" has /tmp/server "Replied with  20"
kill "$(cat /tmp/server.pid)"

run /tmp/pulse pulse_server
has /tmp/pulse Waiting
client pulse_client "$(number /tmp/pulse 'Process id')" \
	"$(number /tmp/pulse 'Channel id')" > /tmp/client
t_like "pulse-server-client: the client is done" "$(cat /tmp/client)" \
	"Sent done"
t_ok "pulse-server-client: code" has /tmp/pulse "pulse code   : 22"
t_ok "pulse-server-client: value" has /tmp/pulse "pulse value  : 33"
kill "$(cat /tmp/pulse.pid)"

# As they are published, server and client do not have the same name in mind.
run /tmp/name name-lookup-server
has /tmp/name Waiting
client name-lookup-client > /tmp/client
t_like "name-lookup: no such name" "$(cat /tmp/client)" "errno : 2"
t_like "name-lookup: no connection" "$(cat /tmp/client)" \
	"could not send pulse data--> errno : 9"
kill "$(cat /tmp/name.pid)"

# The server prints a number as a string and dies of its first message.
run /tmp/iov iov-server
has /tmp/iov Waiting
client iov-client > /tmp/client
t_like "iov-server-client: the client comes to its end" "$(cat /tmp/client)" \
	"could not (send|creatw)"
t_ok "iov-server-client: the server received" has /tmp/iov "normal data"

run /tmp/demo msg_server
has /tmp/demo ready
t_is "message passing demo: reply" "$(client msg_client)" \
	"Client got reply: OK"
t_ok "message passing demo: text" has /tmp/demo "Hello from client"
kill "$(cat /tmp/demo.pid)"
done_testing
