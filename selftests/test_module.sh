#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module itself: which family numbers it takes, what it says when it does
# not, that a number somebody else has is no harm, that it stays while it is
# used and leaves nothing behind.
#
# lab: -b -n 1
# kernels: stock 6.12 debug
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"

taken=selftests/module/family_taken.ko

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

# What is seen of the module when it is loaded
traces()
{
	{
		grep -Eo '^(QNET|qnet_msg)' /proc/slabinfo
		grep -o '^QNET' /proc/net/protocols
		ls -d /proc/net/qnet /sys/module/qnet
	} 2>/dev/null
}

numbers="18 22 13 25 12 19 23 4" others="-1 0 1 2 17 16 30 45 46 1000"
# Slow there, and the same
[ "$LAB_KERNEL" != debug ] || numbers="18 4" others="-1 17 46"
for n in $numbers; do
	t_ok "family=$n is taken" insmod "$QNET_KO" "family=$n"
	t_is "and told" "$(cat /sys/module/qnet/parameters/family)" "$n"
	t_ok "libqnet works with it" channel "$n"
	t_ok "and gone again" rmmod qnet
done
for n in $others; do
	t_fail "family=$n is refused" insmod "$QNET_KO" "family=$n"
	t_ok "with the numbers that are not" told "family=$n is not one of 18 22 13"
done
t_fail "a number that is none is refused" insmod "$QNET_KO" family=eighteen

# Somebody else's module was first.
t_ok "somebody takes 18" insmod "${QNET_KO%/net/qnet/qnet.ko}/$taken" family=18
out=$(insmod "$QNET_KO" 2>&1)
t_is "family=18 cannot be had" "$?" 1
t_like "for it exists" "$out" "File exists"
t_ok "the remedy is told" told \
	"family 18 is taken (-17): set family= to another of 18 22 13"
t_is "nothing is left behind" "$(traces)" ""
t_ok "another number does" insmod "$QNET_KO" family=22
t_ok "libqnet works with it" channel 22
t_ok "and gone again" rmmod qnet
t_ok "somebody still has 18" rmmod family_taken

t_ok "which is free now" insmod "$QNET_KO"
t_is "what there is to be seen" "$(traces | sort -u | grep -c .)" 4
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
t_is "nothing is left behind" "$(traces)" ""
done_testing
