#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Small programs written as for QNX: server and client on one node and on two.
#
# lab: -n 2 -m netns
# kernels: stock debug
# timeout: 300
# batch: yes
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/api/run.sh"

# start FILE N PROG ARG...: a server in the background, until it speaks
start()
{
	local file=$1 node=$2 prog=$3

	shift 3
	rm -f "$file"
	on -d "$node" sh -c "exec '$API/$prog' $* > $file 2>&1"
	t_eventually 30 test -s "$file"
}

# The server's end, and all it said.
said()
{
	t_eventually 30 grep -q "$2" "$1"
	cat "$1"
}

pid_pair()
{
	local pid chid

	start /tmp/pid "$1" pid_server
	read -r pid chid < /tmp/pid
	t_is "$2: by process and channel id" \
		"$(on 1 "$API/pid_client" ${3:+"$3"} "$pid" "$chid" 2>&1)" \
		"answer 42"
	t_is "$2: pulses" "$(said /tmp/pid 'pulse 127' | tail -n +2)" \
		$'pulse 5 55\npulse 127 0'
}

name_pair()
{
	start /tmp/name "$1" name_server idiom-a
	t_is "$2: by name" "$(on 1 "$API/name_client" "${3}idiom-a" 2>&1)" "done"
	t_is "$2: what the server saw" "$(said /tmp/name disconnect)" \
		$'ready\nconnect\ndata 0\ndata 1\ndata 2\ndisconnect'
}

simple_pair()
{
	start /tmp/simple "$1" simple_server idiom-b
	t_is "$2: a server that does not know the connect message" \
		"$(on 1 "$API/simple_client" "${3}idiom-b" 2>&1)" OK
	t_like "$2: it got the text" "$(said /tmp/simple Hello)" \
		"Hello from client"
}

iov_pair()
{
	start /tmp/iov "$1" iov_server idiom-c
	t_is "$2: header, then data" \
		"$(on 1 "$API/iov_client" "${3}idiom-c" 2>&1)" \
		"12000 bytes, sum 19000"
	t_like "$2: read by the server" "$(said /tmp/iov bytes)" \
		"12000 of 12016 bytes"
}

t_ok "test programs are built" api_build
for pair in pid name simple iov; do
	case $pair in
	pid)	node=n2 ;;
	*)	node=../../../net/n2/dev/name/local/ ;;
	esac
	"${pair}_pair" 1 "same node" ""
	"${pair}_pair" 2 "other node" "$node"
done
done_testing
