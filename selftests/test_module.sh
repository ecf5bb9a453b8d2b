#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module itself: which family numbers it takes, what it says when it does
# not, that it stays while it is used and leaves nothing behind.
#
# lab: -b -n 1
# kernels: stock debug
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"

# Tries socket(FAMILY, SEQPACKET) and holds it until its input ends.
holder()
{
	python3 -c 'import socket, sys
s = socket.socket(int(sys.argv[1]), socket.SOCK_SEQPACKET)
print("open", flush=True)
sys.stdin.read()' "$1"
}

told()
{
	dmesg | tail -n 5 | grep -q "$1"
}

# Whatever libqnet finds must be the number in force.
channel()
{
	python3 -c 'import ctypes, sys
lib = ctypes.CDLL("libqnet.so.1", use_errno=True)
if lib.qnet_family() != int(sys.argv[1]) or lib.ChannelCreate(0) != 1:
    sys.exit(1)' "$1"
}

for n in 18 22 13 25 12 19 23 4; do
	t_ok "family=$n is taken" insmod "$QNET_KO" "family=$n"
	t_is "and told" "$(cat /sys/module/qnet/parameters/family)" "$n"
	t_ok "libqnet works with it" channel "$n"
	t_ok "and gone again" rmmod qnet
done
for n in -1 0 1 2 17 16 30 45 46 1000; do
	t_fail "family=$n is refused" insmod "$QNET_KO" "family=$n"
	t_ok "with the numbers that are not" told "family=$n is not one of 18 22 13"
done
t_fail "a number that is none is refused" insmod "$QNET_KO" family=eighteen

insmod "$QNET_KO"
t_fail "socket() of another type" python3 -c 'import socket
socket.socket(18, socket.SOCK_STREAM)'
t_fail "socket() of another protocol" python3 -c 'import socket
socket.socket(18, socket.SOCK_SEQPACKET, 1)'

coproc held { holder 18; }
read -r line <&"${held[0]}"
t_is "a socket is open" "$line" open
t_fail "the module stays while it is" rmmod qnet
eval "exec ${held[1]}>&-"
wait "$held_PID"
t_ok "and can go when it is closed" t_eventually 10 rmmod qnet
t_is "its caches are gone" "$(grep -c qnet_msg /proc/slabinfo)" 0
t_is "and /proc/net/qnet" "$(ls -d /proc/net/qnet 2>/dev/null)" ""
done_testing
