#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The lab's own contract, as far as a script inside it can see: nodes,
# commands on them, cables, capture, power. What only the host sees is proved
# by lab/selftest.
#
# lab: -b -n 2
# lab: -b -n 2 -l 2
# lab: -b -n 2 -m vm
# kernels: stock
# timeout: 120
# hostile: yes

# shellcheck source=selftests/lab/tap.sh
. "$LAB_REPO/selftests/lab/tap.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Counts the frames in the capture that carry the text $1
captured()
{
	python3 - "$LAB_OUT/cable.pcap" "$1" <<'END'
import struct, sys
data, want, at, n = open(sys.argv[1], 'rb').read(), sys.argv[2].encode(), 24, 0
while at + 16 <= len(data):
    size = struct.unpack_from('<I', data, at + 8)[0]
    n += want in data[at + 16:at + 16 + size]
    at += 16 + size
print(n)
END
}

# Sends text $4 in a frame from node $1, device $2, to address $3
send()
{
	on "$1" python3 -c 'import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
mac = bytes.fromhex(sys.argv[2].replace(":", ""))
s.send(mac + s.getsockname()[4] + b"\x88\xb5" + sys.argv[3].encode().ljust(46))' \
		"$2" "$3" "$4"
}

# How long four seconds of the machine's own clock are to the kernel, in ms
four_seconds()
{
	python3 -c 'import time
def edge():
    was = now = None
    while was is None or now == was:
        was = now if was is None else was
        now = open("/sys/class/rtc/rtc0/since_epoch").read()
    return time.monotonic(), int(now)
begin, first = edge()
time.sleep(3)
end, last = edge()
print(round((end - begin) * 4000 / (last - first)))'
}

is_captured()
{
	[ "$(captured "$1")" -ge 1 ]
}

# carrier N DEV WANT
carrier()
{
	[ "$(on "$1" cat "/sys/class/net/$2/carrier")" = "$3" ]
}

reach()
{
	on 1 ping -q -c 1 -W 5 10.0.0.2
}

# The time of the second ping, in ms: the first one may ask for the address
rtt()
{
	on 1 ping -c 2 -i 0.2 -W 5 10.0.0.2 | sed -n 's/.*icmp_seq=2 .*time=\([0-9]*\).*/\1/p'
}

# ---- Commands on nodes

for n in 1 2; do
	t_is "node $n has its name" "$(on $n hostname)" "n$n"
	t_is "its device has its address" "$(on $n cat /sys/class/net/q0/address)" \
		"02:00:00:00:00:0$n"
	t_like "PATH begins with our programs" "$(on $n printenv PATH)" \
		"^$LAB_REPO/build/stage/s?bin:"
done
status=0
on 2 sh -c 'exit 7' || status=$?
t_is "an exit status is passed on" $status 7
status=0
on 2 /no/such/program 2>/dev/null || status=$?
t_is "a missing program is 127" $status 127
t_is "input and output are passed on" "$(seq 20000 | on 2 cat | sha256sum)" \
	"$(seq 20000 | sha256sum)"
t_is "so are variables" "$(LAB_PROBE='a b' on 1 printenv LAB_PROBE)" 'a b'
t_is "and the two outputs stay apart" "$(on 1 sh -c 'echo one; echo two >&2' 2>/dev/null)" one
status=0
timeout 1 on 1 sleep 60 || status=$?
t_is "signals end what runs there" $status 124
t_is "cut is also the other cut" "$(echo a,b | cut -d, -f2)" b

# A line must be here before the command ends, which waits for our answer
mkfifo "$tmp/there" "$tmp/back"
on 1 sh -c 'echo ready; read x; echo "got $x"' <"$tmp/there" >"$tmp/back" &
exec 7>"$tmp/there" 8<"$tmp/back"
read -r -t 20 line <&8
t_is "output comes while a command runs" "$line" ready
echo answer >&7
read -r -t 20 line <&8
t_is "and input goes there" "$line" 'got answer'
exec 7>&- 8<&-
wait

# ---- Time

ms=$(four_seconds)
t_ok "the kernel counts the time as its machine does (4 s are $ms ms)" \
	test "${ms:-0}" -ge 3900 -a "${ms:-9999}" -le 4100

# ---- Cables

on 1 ip addr add 10.0.0.1/24 dev q0
on 2 ip addr add 10.0.0.2/24 dev q0
t_ok "nodes reach each other" reach
cut 2
t_ok "a cut cable takes the carrier away" t_eventually 10 carrier 2 q0 0
t_ok "only at its own node" carrier 1 q0 1
t_fail "nothing passes" on 1 ping -q -c 1 -W 1 10.0.0.2
mend 2
t_ok "mending brings it back" t_eventually 10 carrier 2 q0 1
t_ok "frames pass again" t_eventually 10 reach

impair 2 delay 150ms
ms=$(rtt)
t_ok "impair works both ways ($ms ms)" test "${ms:-0}" -ge 300
impair 2 loss 100%
t_fail "and loses what it shall" on 1 ping -q -c 1 -W 1 10.0.0.2
impair 2
ms=$(rtt)
t_ok "without arguments it is gone ($ms ms)" test "${ms:-999}" -lt 150

# ---- The capture

send 1 q0 02:00:00:00:00:02 "unicast frame"
send 2 q0 ff:ff:ff:ff:ff:ff "broadcast frame"
send 2 q0 02:00:00:00:00:77 "flooded frame"
for what in unicast broadcast flooded; do
	t_eventually 10 is_captured "$what frame" || :
	t_is "a $what frame is captured once" "$(captured "$what frame")" 1
done

if [ "$LAB_LINKS" -eq 2 ]; then
	t_is "the second device has its address" "$(on 2 cat /sys/class/net/q1/address)" \
		02:00:00:00:01:02
	send 1 q1 02:00:00:00:01:02 "second link"
	t_eventually 10 is_captured "second link" || :
	t_is "the second cable is captured" "$(captured "second link")" 1
	cut 1 q1
	t_ok "it is cut by name" t_eventually 10 carrier 1 q1 0
	t_ok "the first stays" carrier 1 q0 1
	mend 1 q1
fi

# ---- Power

if [ "$LAB_MODE" = vm ]; then
	on 2 touch /tmp/before
	crash 2
	status=0
	on 2 true 2>/dev/null || status=$?
	t_is "a node without power does nothing" $status 255
	boot 2
	t_is "it comes back, forgetful" "$(on 2 ls /tmp/before 2>&1 | wc -l)/$(on 2 hostname)" 1/n2
	t_fail "with a new kernel" on 2 test -e /tmp/before
	on 2 ip addr add 10.0.0.2/24 dev q0
	t_ok "and is on the cable again" t_eventually 10 reach
elif [ "$LAB_CABLE" = direct ]; then
	status=0
	crash 2 2>/dev/null || status=$?
	t_is "a direct cable has no end to pull" $status 125
else
	on -d 2 sleep 1000
	sleeper=$!
	on 2 ip link add mark0 type dummy
	crash 2
	status=0
	on 2 true 2>/dev/null || status=$?
	t_is "a node without power does nothing" $status 125
	status=0
	wait $sleeper 2>/dev/null || status=$?
	t_is "its processes are gone" $status 137
	boot 2
	t_is "it comes back" "$(on 2 hostname)" n2
	t_fail "forgetful" on 2 ip link show mark0
	on 2 ip addr add 10.0.0.2/24 dev q0
	t_ok "and is on the cable again" t_eventually 10 reach
fi
done_testing
