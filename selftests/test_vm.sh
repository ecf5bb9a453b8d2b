#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two kernels on one cable: messages of all sizes, a power cut in the middle of
# a call, and the node that comes back as another. The same between two
# namespaces, but for the power.
#
# lab: -n 2 -m netns
# lab: -n 2 -m vm
# kernels: stock
# timeout: 240
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
top=${LAB_REPO:-$(readlink -f "$here/..")}
. "$here/lab/tap.sh"

bin=$top/build/selftests/vm
make -s -C "$here/vm"
ESRCH=3 EBADF=9 EHOSTDOWN=112 EHOSTUNREACH=113

# serve N: the server on a node, until it says that it is there
serve()
{
	rm -f "$LAB_OUT/at"
	on -d "$1" "$bin/echo" echo "$LAB_OUT/at"
	t_eventually 60 test -s "$LAB_OUT/at"
}

# The client is one process throughout; its answers are read one by one.
coproc client { on 1 "$bin/ask" n2 echo; }
tell()
{
	printf '%s\n' "$*" >&"${client[1]}"
}

ask()
{
	tell "$@"
	answer=
	read -r -t 60 answer <&"${client[0]}"
}

received()
{
	on 2 qnetconfig stats show </dev/null | awk '$1 == "server_msgs" { print $2 }'
}

more_than()
{
	[ "$(received)" -gt "$1" ]
}

serve 2
t_result $? "the server on n2 is up"
ask again
t_is "its name is found" "$answer" ok
for n in 0 1 64 1456 8192 8193 65536 65537 1000000 16777216; do
	ask echo "$n"
	t_is "$n bytes there and back" "$answer" ok
done

# Its circuit opens when the sender is long gone.
impair 1 delay 20ms
read -r pid chid < "$LAB_OUT/at"
t_ok "a pulse is sent, and its sender ends" \
	on 1 "$bin/alarm" n2 "$pid" "$chid" 4711
t_ok "it arrives all the same" t_eventually 30 grep -qx "pulse 4711" "$LAB_OUT/at"
impair 1

if [ "$LAB_MODE" = vm ]; then
	before=$(received)
	tell hang
	t_ok "a call that is not replied to" t_eventually 30 more_than "$before"
	crash 2
	read -r -t 60 answer <&"${client[0]}"
	t_like "n2 loses power: the caller is told" "$answer" \
		"^errno $EHOSTDOWN after [0-9]\\.[0-9] s$"
	ask echo 1
	t_is "the connection is dead" "$answer" "errno $EBADF"
	boot 2
	serve 2
	t_result $? "n2 is back"
	ask echo 1
	t_is "the old connection stays dead" "$answer" "errno $EBADF"
	ask again
	t_is "a new one is made" "$answer" ok
	ask echo 100000
	t_is "and works" "$answer" ok

	# Nobody waits for n2 while it restarts: its boot id must tell.
	crash 2
	boot 2
	serve 2
	t_result $? "n2 restarts unnoticed"
	ask echo 64
	t_like "the next call meets a dead circuit" "$answer" \
		"^errno ($EHOSTDOWN|$ESRCH|$EBADF)$"
	ask again
	t_is "and a new one is made at once" "$answer" ok
	ask echo 64
	t_is "which works" "$answer" ok
fi

# Before there is anything to say
read -r pid chid < "$LAB_OUT/at"
ask attach "$pid" "$chid"
t_is "a server is there" "$answer" ok
ask attach "$pid" 4711
t_like "a channel is not" "$answer" "^errno $ESRCH after "
cut 2
ask attach "$pid" "$chid"
t_like "its node falls silent" "$answer" \
	"^errno ($EHOSTDOWN|$EHOSTUNREACH) after [0-9]\\.[0-9] s$"
mend 2
reached()
{
	ask attach "$pid" "$chid"
	[ "$answer" = ok ]
}
t_ok "and is back" t_eventually 30 reached
done_testing
