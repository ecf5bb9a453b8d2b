#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Configuration: every object and verb of qnetconfig, as text and as JSON;
# every refusal with its sentence; nothing on the wire before it is wanted.
#
# lab: -n 2 -m netns -b
# kernels: stock
# timeout: 500
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2034

here=$LAB_REPO/selftests
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A generic netlink client that sends what qnetconfig would not. Arguments:
# command, "ask" or "dump", then type:kind:value of attributes. Prints the errno
# and the text of the answer.
cat >"$tmp/genl" <<'END'
import os, socket, struct, sys

def attr(kind, data):
    raw = struct.pack('HH', 4 + len(data), kind) + data
    return raw + bytes(-len(raw) % 4)

def attrs(raw):
    found = {}
    while len(raw) >= 4:
        length, kind = struct.unpack_from('HH', raw)
        found[kind & 0x3fff] = raw[4:length]
        raw = raw[(length + 3) & ~3:]
    return found

def request(sock, family, flags, cmd, payload, reserved=0):
    body = struct.pack('BBH', cmd, 1, reserved) + payload
    sock.send(struct.pack('IHHII', 16 + len(body), family, flags, 1, 0) + body)

def answers(sock):
    while True:
        raw = sock.recv(1 << 16)
        while raw:
            length, kind, flags = struct.unpack_from('IHH', raw)
            yield kind, flags, raw[16:length]
            raw = raw[(length + 3) & ~3:]

def value(text):
    kind, form, text = text.split(':', 2)
    data = {'u32': lambda: struct.pack('I', int(text)),
            'str': lambda: text.encode() + b'\0',
            'hex': lambda: bytes.fromhex(text),
            'nul': lambda: b''}[form]()
    return attr(int(kind), data)

sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 16)
sock.setsockopt(270, 11, 1)
sock.bind((0, 0))
request(sock, 16, 5, 3, attr(2, b'qnet\0'))
for kind, flags, body in answers(sock):
    if kind == 16:
        family = struct.unpack('H', attrs(body[4:])[1])[0]
    if kind == 2:
        break
flags = 0x301 if sys.argv[2] == 'dump' else 5
request(sock, family, flags, int(sys.argv[1]),
        b''.join(value(a) for a in sys.argv[3:]))
for kind, flags, body in answers(sock):
    if kind not in (2, 3):
        continue
    err = -struct.unpack_from('i', body)[0]
    skip = 4 if kind == 3 else 20 if flags & 0x100 else \
        4 + struct.unpack_from('I', body, 4)[0]
    more = attrs(body[(skip + 3) & ~3:]) if flags & 0x200 else {}
    words = [os.strerror(err) if err else 'OK',
             more.get(1, b'').rstrip(b'\0').decode()]
    for attr, word in (5, 'missing'), (2, 'at'):
        if attr in more:
            words.append('%s %d' % (word, struct.unpack('I', more[attr])[0]))
    print(*words, sep='; ')
    break
END

# "serve": makes a channel and says where. "call ND PID CHID": sends a message
# there, and one more for each line of stdin. Both wait until stdin ends.
cat >"$tmp/talk" <<'END'
import ctypes, os, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
family = int(open('/sys/module/qnet/parameters/family').read())

def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def address(nd=0, pid=0, chid=0):
    return ctypes.create_string_buffer(
        struct.pack('HHIii', family, 0, nd, pid, chid), 16)

fd = check(libc.socket(family, socket.SOCK_SEQPACKET, 0))
if sys.argv[1] == 'serve':
    check(libc.bind(fd, address(), 16))
    name, size = address(), ctypes.c_int(16)
    check(libc.getsockname(fd, name, ctypes.byref(size)))
    print(*struct.unpack('HHIii', name.raw)[3:], flush=True)
else:
    check(libc.connect(fd, address(*map(int, sys.argv[2:])), 16))
    check(libc.send(fd, b'hello', 5, 0))
    print('sent', flush=True)
    for line in sys.stdin:
        check(libc.send(fd, b'hello', 5, 0))
        print('sent', flush=True)
sys.stdin.read()
END

# Counts the frames with Qnet's EtherType on q0, both ways, until stdin ends.
cat >"$tmp/count" <<'END'
import select, socket, sys
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
sock.bind(('q0', 0))
print('ready', flush=True)
n = 0
while True:
    ready = select.select([sock, sys.stdin], [], [])[0]
    if sock in ready:
        n += sock.recv(65536)[12:14] == b'\x82\x04'
    elif ready:
        break
print(n)
END

genl()
{
	on 1 python3 "$tmp/genl" "$@"
}

qc()
{
	on 1 qnetconfig "$@"
}

# Is it, line by line, JSON as we want it?
cat >"$tmp/is_json" <<'END'
import json, re, sys

def one(records):
    assert isinstance(records, list)
    for r in records:
        for key in r:
            assert re.fullmatch('[a-z0-9_]+', key), key
    return len(records)

if len(sys.argv) > 1:
    for line in open(sys.argv[1]):
        one(json.loads(line))
else:
    print(one(json.load(sys.stdin)))
END

# is_json CMD...: prints the number of objects of the array that CMD prints
is_json()
{
	"$@" | python3 "$tmp/is_json"
}

# field KEY CMD...: the values of KEY in the JSON that CMD prints, which is
# kept for a look at its syntax
field()
{
	local key=$1

	shift
	"$@" | tee -a "$tmp/all.json" | grep -o "\"$key\":[^],}]*" |
		sed 's/^[^:]*://' | paste -sd ' '
}

# start_monitor FILE ARG...: qnetconfig ARG... on node 1, into $tmp/FILE
start_monitor()
{
	local file=$tmp/$1

	shift
	# shellcheck disable=SC2016,SC2094
	on 1 bash -c 'echo $$ >"$0.pid"; exec qnetconfig "$@"' "$file" "$@" \
		>"$file" &
}

stop_monitors()
{
	cat "$tmp"/*.pid | xargs kill
	rm "$tmp"/*.pid
}

# t_error NAME STATUS REGEX CMD...: fails with that status and sentence
t_error()
{
	local name=$1 want=$2 regex=$3 out status=0

	shift 3
	out=$("$@" 2>&1 >/dev/null) || status=$?
	t_like "$name" "$status $out" "^$want Error: $regex\$"
}

# ---- without the module ----------------------------------------------------

t_error "no module: what to type" 2 '.*type: modprobe qnet' qc node
t_ok "help needs no module" qc help
t_is "usage: exit status" "$(qc >/dev/null 2>&1; echo $?)" 1
t_is "usage: stdout stays empty" "$(qc 2>/dev/null)" ""

# ---- loaded, nothing configured ----------------------------------------------

mkfifo "$tmp/stop"
on 1 python3 "$tmp/count" <"$tmp/stop" >"$tmp/frames" &
exec 9>"$tmp/stop"
t_eventually 20 grep -q ready "$tmp/frames"

# shellcheck disable=SC2086
t_ok "the module loads" insmod "$QNET_KO" $LAB_MODULE_ARGS

t_is "no bearers" "$(qc bearer)" ""
t_is "no bearers: JSON" "$(qc -j bearer)" "[]"
t_is "no peers: JSON" "$(qc -j peer)" "[]"
t_is "no circuits: JSON" "$(qc -j vc)" "[]"
t_is "one node: this one" "$(field self qc -j node)" "true"
t_like "domain" "$(qc domain)" \
	'^self .* family [0-9]+ boot-id [0-9a-f-]{36} budget 16M unprivileged on trust closed$'
t_is "domain: family is the one in force" "$(field family qc -j domain)" \
	"$(cat /sys/module/qnet/parameters/family)"
t_is "stats: as in /proc" "$(qc -s stats | awk '{ print $1, $2 }')" \
	"$(on 1 cat /proc/net/qnet/stats)"
sleep 3
echo >&9
exec 9>&-
wait %1
t_is "nothing configured: no frame on the wire" "$(tail -n 1 "$tmp/frames")" 0

# ---- node --------------------------------------------------------------------

t_ok "node set self" qc node set self name n1 domain lab
t_is "node set self: name" "$(field self_name qc -j domain)" '"n1"'
t_is "node set self: domain" "$(field name qc -j domain)" '"lab"'
t_ok "node set self without domain" qc node set self name n1
t_is "node set self: the domain stays" "$(field name qc -j domain)" '"lab"'
t_like "node show: text" "$(qc node show)" $'\n''n1\.lab\* +0 up '
t_like "node show by name" "$(qc node show n1.lab)" $'\n''n1\.lab\* '
t_like "node show by number" "$(qc node show 0)" $'\n''n1\.lab\* '
t_error "node show: unknown" 2 'qnet: no such peer "nope"\.' qc node show nope
t_error "node show: unknown number" 2 \
	'qnet: no node has that number \(nd 77\)\.' qc node show 77
t_error "name too long" 2 'qnet: .* "x{64}" \(at most 63 bytes\)\.' \
	qc node set self name "$(printf 'x%.0s' {1..64})"
t_error "name empty" 2 'qnet: a name has 1 to 63 characters.* ""\.' qc node set self name ''
for bad in 'a b' 'a/b' 'a.b' $'a\x7fb'; do
	t_error "bad characters in a name: ${bad@Q}" 2 'qnet: .+ ".*"\.' \
		qc node set self name "$bad"
done
t_is "a refused name changes nothing" "$(field self_name qc -j domain)" '"n1"'
t_error "node resolve: this node" 2 'qnet: that is this node.*\.' \
	qc node resolve n1

# ---- bearer ------------------------------------------------------------------

t_ok "bearer add" qc bearer add dev q0
t_like "bearer show: text" "$(qc bearer show)" \
	'^q0: state up mtu [0-9]+ lladdr 02:00:00:00:00:01 crc on$'
t_is "bearer show dev: JSON" "$(field crc qc -j bearer show dev q0)" "true"
t_is "bearer: mtu is a raw number" "$(field mtu qc -j bearer)" \
	"$(on 1 cat /sys/class/net/q0/mtu)"
t_error "bearer add: twice" 2 'qnet: .*already "q0"\.' qc bearer add dev q0
t_error "bearer add: no such device" 2 \
	'qnet: no such network device "nope"\.' qc bearer add dev nope
t_error "bearer add: loopback" 2 'qnet: not an Ethernet device "lo"\.' \
	qc bearer add dev lo
modprobe -q tun
if on 1 ip tuntap add dev tun9 mode tun 2>/dev/null; then
	t_error "bearer add: not Ethernet" 2 \
		'qnet: not an Ethernet device "tun9"\.' qc bearer add dev tun9
fi
t_error "bearer show: not a bearer" 2 'qnet: the device is not a bearer "lo"\.' \
	qc bearer show dev lo
t_error "bearer del: not a bearer" 2 'qnet: the device is not a bearer "lo"\.' \
	qc bearer del dev lo
t_error "bearer add: name too long" 2 'qnet: .* \(at most 15 bytes\)\.' \
	qc bearer add dev abcdefghijklmnop
t_ok "bearer del" qc bearer del dev q0
t_is "bearer del: gone" "$(qc bearer)" ""
t_ok "bearer add with crc off" qc bearer add dev q0 crc off
t_like "bearer show: crc off" "$(qc bearer show)" ' crc off$'
qc bearer del dev q0
t_ok "bearer add with crc on" qc bearer add dev q0 crc on
on 1 ip link set q0 mtu 1400
t_is "bearer: follows the MTU" "$(field mtu qc -j bearer)" 1400
on 1 ip link set q0 down
t_is "bearer: follows the link" "$(field up qc -j bearer)" false
on 1 ip link set q0 up
# shellcheck disable=SC2317
has_link()
{
	[ "$(field up qc -j bearer)" = true ]
}
t_ok "bearer: and back" t_eventually 10 has_link

# ---- peer --------------------------------------------------------------------

t_ok "peer add with an address" qc peer add n2 lladdr 02:00:00:00:00:02
t_like "peer show: text" "$(qc peer)" \
	'^n2: nd 1 domain [^ ]+ lladdr 02:00:00:00:00:02 dev any budget 16M qos loadbalance$'
t_error "peer add: twice" 2 'qnet: .+ "n2"\.' \
	qc peer add n2 lladdr 02:00:00:00:00:02
t_error "peer add: own name" 2 'qnet: .+ "n1"\.' qc peer add n1 any
t_ok "peer add any" qc peer add n3.plant any dev q0
t_is "peer list: JSON" "$(is_json qc -j peer list)" 2
t_is "peer: any" "$(field any_lladdr qc -j peer show n3.plant)" true
t_is "peer: domain" "$(field domain qc -j peer show n3.plant)" '"plant"'
t_is "peer: dev" "$(field dev qc -j peer show n3.plant)" '"q0"'
t_error "peer add: no such device" 2 'qnet: no such network device "nope"\.' \
	qc peer add n4 any dev nope
t_error "peer add: multicast address" 2 \
	'qnet: .+ 01:00:5e:00:00:01\.' qc peer add n4 lladdr 01:00:5e:00:00:01
t_error "peer add: no address" 2 'qnet: .+ 00:00:00:00:00:00\.' \
	qc peer add n4 lladdr 00:00:00:00:00:00
t_error "peer add: bad address" 1 '"zz" is not an address for lladdr.*' \
	qc peer add n4 lladdr zz
t_error "peer add: neither lladdr nor any" 1 'lladdr or any is missing.*' \
	qc peer add n4
t_error "peer add: both" 1 'lladdr and any exclude each other\.' \
	qc peer add n4 any lladdr 02:00:00:00:00:04
t_error "peer add: empty name" 2 'qnet: .+\.' qc peer add '' any
t_error "peer add: name too long" 2 'qnet: .+ \(at most 63 bytes\)\.' \
	qc peer add "$(printf 'x%.0s' {1..64})" any
t_error "peer add: bad character" 2 'qnet: .+ "a b"\.' qc peer add 'a b' any
t_error "peer del: unknown" 2 'qnet: no such peer "nope"\.' qc peer del nope
t_error "peer show: unknown" 2 'qnet: no such peer "nope"\.' qc peer show nope

t_is "node list: JSON" "$(is_json qc -j node list)" 3
t_is "node list: pretty JSON" "$(is_json qc -j -p node list)" 3
t_is "node list: filter" "$(is_json qc -j node list state up)" 1
t_is "node list: details on one line" "$(qc -d -o node | wc -l)" 4
t_is "node list: numbers" "$(field nd qc -j node)" "0 1 2"

# ---- what may be changed of a peer ------------------------------------------------

# conf PEER: its budget and policy, in JSON
conf()
{
	echo "$(field budget qc -j peer show "$1") $(field qos qc -j peer show "$1")"
}

t_is "peer: default budget and qos, JSON" "$(conf n2)" '16777216 "loadbalance"'
t_ok "peer set budget" qc peer set n2 budget 32M
t_is "peer set budget: JSON" "$(conf n2)" '33554432 "loadbalance"'
t_like "peer set budget: text" "$(qc peer show n2)" ' budget 32M qos '
t_is "peer set budget: node show, JSON" "$(field budget qc -j node show n2)" \
	33554432
t_like "peer set budget: node show, text" "$(qc -d node show n2)" \
	'    budget 32M rx-bytes 0 tx-bytes 0 rx-later 0 rx-refused 0 rx-nomem 0 tx-full 0'
t_is "node show: nothing held, JSON" "$(field '[rt]x_[a-z]*' qc -j node show n2)" \
	"0 0 0 0 0 0"
t_ok "peer set qos" qc peer set n2 qos exclusive:q0
t_is "peer set qos: JSON, the budget stays" "$(conf n2)" \
	'33554432 "exclusive:q0"'
t_like "peer set qos: text" "$(qc peer show n2)" ' qos exclusive:q0$'
t_ok "peer set both, in bytes, cut short" qc pee se n2 bu 4194304 q preferred:q0
t_is "peer set both" "$(conf n2)" '4194304 "preferred:q0"'
t_ok "peer set budget: largest" qc peer set n2 budget 1G
t_is "peer set budget: largest" "$(conf n2)" '1073741824 "preferred:q0"'
t_ok "peer set qos loadbalance" qc peer set n2 qos loadbalance budget 16384k
t_is "peer set qos loadbalance" "$(conf n2)" '16777216 "loadbalance"'
t_ok "domain set budget" qc domain set budget 4M
t_is "domain set budget: JSON" "$(field budget qc -j domain)" 4194304
t_like "domain set budget: text" "$(qc domain)" ' budget 4M unprivileged on trust closed$'
t_ok "peer add with budget and qos" \
	qc peer add n5 any budget 8M qos exclusive:q0
t_is "peer add with budget and qos" "$(conf n5)" '8388608 "exclusive:q0"'
t_ok "peer add without" qc peer add n6 any
t_is "peer add without: the domain's budget" "$(conf n6)" '4194304 "loadbalance"'
t_is "peers that there are keep theirs" "$(conf n2)" '16777216 "loadbalance"'
t_ok "domain set budget: back" qc domain set budget 16M
qc peer del n6

range='\(4194304 to 1073741824\)\.'
t_error "peer set: too little" 2 "qnet: .+ \(budget 4194303\) $range" \
	qc peer set n2 budget 4194303
t_error "peer set: too much" 2 "qnet: .+ \(budget 1073741825\) $range" \
	qc peer set n2 budget 1073741825
t_error "peer add: too little" 2 "qnet: .+ \(budget 0\) $range" \
	qc peer add n6 any budget 0
t_error "domain set: too much" 2 "qnet: .+ \(budget 2147483648\) $range" \
	qc domain set budget 2G
for bad in 4G -1 12X 1MM K ''; do
	t_error "no size: ${bad@Q}" 1 "\"$bad\" is not a size for budget \(.+\)\." \
		qc peer set n2 budget "$bad"
done
t_error "peer set: no such bearer" 2 \
	'qnet: the device is not a bearer "exclusive:nope"\.' \
	qc peer set n2 budget 8M qos exclusive:nope
t_error "peer add: no such bearer" 2 \
	'qnet: the device is not a bearer "preferred:lo"\.' \
	qc peer add n6 any qos preferred:lo
for bad in best exclusive loadbalance:q0 ''; do
	t_error "peer set: no policy: ${bad@Q}" 2 \
		"qnet: neither loadbalance nor .+:DEV \"$bad\"\\." \
		qc peer set n2 qos "$bad"
done
t_error "peer set: policy too long" 2 'qnet: .* \(at most 31 bytes\)\.' \
	qc peer set n2 qos "preferred:$(printf 'x%.0s' {1..30})"
t_error "peer set: unknown" 2 'qnet: no such peer "nope"\.' \
	qc peer set nope budget 8M
t_error "peer set: nothing" 1 \
	'nothing to set is given; type: qnetconfig peer help\.' qc peer set n2
t_error "peer set: nobody" 1 'missing "NODE"; .*' qc peer set
t_error "domain set: nothing" 1 'budget, unprivileged or trust is missing; type: qnetconfig domain help\.' qc domain set
t_is "what is refused changes nothing" "$(conf n2)" '16777216 "loadbalance"'
t_fail "nor adds a peer" qc peer show n6

# A bearer's number may be another one's next: the name is what counts.
on 1 ip link add name mac0 link q0 type macvlan
on 1 ip link add name mac1 link q0 type macvlan
qc bearer add dev mac0
t_ok "a policy with a bearer" qc peer set n2 qos exclusive:mac0
on 1 ip link set mac0 name mac9
t_is "the bearer is renamed" "$(conf n2)" '16777216 "exclusive:mac9"'
qc bearer del dev mac9
t_is "the bearer is deleted" "$(conf n2)" '16777216 "exclusive:mac9"'
qc bearer add dev mac1
t_is "another one is added" "$(conf n2)" '16777216 "exclusive:mac9"'
qc bearer add dev mac9
t_is "it is added again" "$(conf n2)" '16777216 "exclusive:mac9"'
on 1 ip link set mac9 name mac0
t_is "and renamed" "$(conf n2)" '16777216 "exclusive:mac0"'
on 1 ip link del mac0
t_is "its device is destroyed" "$(conf n2)" '16777216 "exclusive:mac0"'
on 1 ip link del mac1
t_ok "peer set qos: back" qc peer set n2 qos loadbalance
t_is "peer set qos: back" "$(conf n2)" '16777216 "loadbalance"'
qc peer del n5

# Of two that only differ in their domains
t_ok "the same name in another domain" qc peer add n3.mill any
two="several peers have that name; give the domain, too"
for ask in "peer del" "peer set" "node show" "node resolve" "link show" "watchdog show" \
	"watchdog set node" "vc show node"; do
	more=
	[ "$ask" != "peer set" ] || more="budget 4M"
	[ "$ask" != "watchdog set node" ] || more="num-polls 3"
	t_error "$ask: of one of two" 2 "qnet: $two \"n3\"\." qc $ask n3 $more
done
t_ok "peer set: of one, with its domain" qc peer set n3.mill budget 4M
t_is "it is that one" "$(qc -o peer | grep -c 'domain mill .*budget 4M')" 1
t_is "both are there, each with its domain" "$(qc node | grep -oE '^n3[^ ]*' | sort | xargs)" \
	"n3.mill n3.plant"
t_is "in the watchdogs, too" "$(qc watchdog | grep -oE '^n3[^ ]*:' | sort | xargs)" \
	"n3.mill: n3.plant:"
t_is "and in the topology" "$(qc -o topology | grep -oE '^n3[^ ]*:' | sort | xargs)" \
	"n3.mill: n3.plant:"
t_ok "peer del: of one of two" qc peer del n3.mill
t_is "it was that one" "$(qc node | grep -oE '^n3[^ ]*')" n3.plant

t_ok "peer del" qc peer del n3.plant
t_is "peer del: gone" "$(is_json qc -j peer)" 1

# ---- two nodes find each other -----------------------------------------------

t_ok "the other node" on 2 qnetconfig -b - <<'END'
# a batch has comments
node set self name n2 domain lab
bearer add dev q0

peer add 'n1' any
END
t_ok "peer again, at any address" qc peer del n2
t_ok "peer again, at any address" qc peer add n2 any
on 1 ip link set q0 mtu 1500
t_like "node resolve" "$(qc node resolve n2)" ' 02:00:00:00:00:02 '
t_is "node resolve: JSON" "$(field lladdr qc -j node resolve n2)" \
	'"02:00:00:00:00:02"'
t_is "node resolve: the bearer" "$(field bearer qc -j node show n2)" '"q0"'
qc peer add ghost any
t_error "node resolve: nobody" 2 'qnet: nobody on the LAN answers "ghost"\.' \
	qc node resolve ghost
qc peer del ghost

# ---- circuits, and what the node's state does -----------------------------------

# wait_line FILE: until there is something in it
wait_line()
{
	t_eventually 20 test -s "$1"
}

mkfifo "$tmp/hold"
start_monitor states.json -j monitor node
start_monitor states monitor node
sleep 2
chmod 755 "$tmp"
user=(setpriv --reuid 65534 --regid 65534 --clear-groups)
on 2 "${user[@]}" python3 "$tmp/talk" serve <"$tmp/hold" >"$tmp/server" &
exec 8>"$tmp/hold"
wait_line "$tmp/server"
read -r pid chid <"$tmp/server"
nd=$(field nd qc -j node show n2)
on 1 python3 "$tmp/talk" call "$nd" "$pid" "$chid" \
	<"$tmp/hold" 8>&- >"$tmp/client" &
wait_line "$tmp/client"
# shellcheck disable=SC2317
is_up()
{
	[ "$(field state "$@")" = '"up"' ]
}
t_ok "a message makes the node up" t_eventually 10 is_up qc -j node show n2
t_ok "a message makes the circuit up" t_eventually 10 is_up qc -j vc
t_is "node: counts its circuits" "$(field vcs qc -j node show n2)" 1
t_like "node: was heard" "$(field last_seen_ms qc -j node show n2)" '^[0-9]+$'
t_is "node: its boot id" "$(field boot_id qc -j node show n2)" \
	"$(field boot_id on 2 qnetconfig -j domain)"
t_like "node show: all details" "$(qc -d node show n2)" ' caps names'
t_like "vc show: text" "$(qc vc show)" \
	$'\n''0x[0-9a-f]+ +client +n2 +[0-9]+ +'"$pid +$chid +up +0 "
t_is "vc list: JSON" "$(is_json qc -j vc list)" 1
t_is "vc: side there" "$(field side on 2 qnetconfig -j vc)" '"server"'
t_is "vc: client there" "$(field remote_pid on 2 qnetconfig -j vc)" \
	"$(field local_pid qc -j vc)"
client=$(field local_pid qc -j vc)
t_is "vc filters: fit" "$(is_json qc -j vc show node n2 pid "$client" \
	uid root state up id "$(field id qc -j vc)")" 1
for filter in "node n1" "pid 1" "uid 77" "state new" "id 0xffffffff"; do
	# shellcheck disable=SC2086
	t_is "vc filters: $filter" "$(qc -j vc show $filter)" "[]"
done
t_error "vc filters: no such node" 2 'qnet: no such peer "nope"\.' \
	qc vc show node nope
nobody=(on 1 setpriv --reuid 65534 --regid 65534 --clear-groups
	--bounding-set=-all --inh-caps=-all)
t_is "others do not see the processes" \
	"$(field local_pid "${nobody[@]}" qnetconfig -j vc)" ""
t_is "nor find out by filter" \
	"$("${nobody[@]}" qnetconfig -j vc show pid "$client")" "[]"
t_is "a server's process: its owner sees it" \
	"$(field local_pid on 2 "${user[@]}" qnetconfig -j vc)" "$pid"
t_is "a server's process: its client's user does not" \
	"$(field local_pid on 2 setpriv --bounding-set=-all --inh-caps=-all \
		qnetconfig -j vc)" ""
exec 8>&-
wait_line "$tmp/states"
t_ok "monitor node: up" grep -q -- '-> up$' "$tmp/states"
t_ok "monitor node: JSON" grep -q '"event":"node".*"state":"up"' \
	"$tmp/states.json"
stop_monitors
wait

# ---- circuits take the links that the peer's policy says -----------------------------

# A second cable, with small frames: they take more memory than they carry
ip -n n1 link add x0 mtu 300 type veth peer name x0 mtu 300 netns n2
for n in 1 2; do
	on $n ip link set x0 up
	on $n qnetconfig bearer add dev x0
done

# sent BEARER: data frames to node 2 over it
sent()
{
	qc -j link show n2 | python3 -c 'import json, sys
print(sum(l["tx_frames"] for l in json.load(sys.stdin) if l["bearer"] == sys.argv[1]))' "$1"
}

# shellcheck disable=SC2317
has_links()
{
	qc node resolve n2 && [ "$(field active qc -j link show n2)" = "1 1" ]
}
t_ok "two links" t_eventually 20 has_links

t_ok "test programs are built" m_build
m_serve -m 1
t_result $? "a server is up"

# The watchdogs' own packets take any link.
for n in 1 2; do
	on $n qnetconfig watchdog set poll-period 3600 idle-time 3600
done

# only LINK OTHER NODE NAME: calls to a node are on LINK, and not on OTHER
only()
{
	local link other

	link=$(sent "$1")
	other=$(sent "$2")
	M_NODE=$3 m_call -k 8 -n 3 -S 20000 -T 30
	m_verdict "$4: calls" 24
	t_ok "$4: they take $1" test "$(sent "$1")" -gt "$link"
	t_is "$4: they do not take $2" "$(sent "$2")" "$other"
}

for policy in exclusive:x0 preferred:x0 exclusive:q0; do
	link=${policy#*:}
	other=q0
	[ "$link" = x0 ] || other=x0
	qc peer set n2 qos $policy
	only "$link" $other n2 "qos $policy"
done
only x0 q0 n2~exclusive:x0 "qos exclusive:q0, but the name says x0"
before=$(sent x0)
M_NODE=n2~loadbalance m_call -k 8 -n 3 -S 20000 -T 30
m_verdict "qos exclusive:q0, but the name says loadbalance: calls" 24
t_ok "qos exclusive:q0, but the name says loadbalance: they take x0" \
	test "$(sent x0)" -gt "$before"

mkfifo "$tmp/serve" "$tmp/call"
on 2 python3 "$tmp/talk" serve <"$tmp/serve" >"$tmp/server" &
exec 8>"$tmp/serve"
t_eventually 20 grep -q ' ' "$tmp/server"
read -r pid chid <"$tmp/server"
qc peer set n2 qos exclusive:x0
: >"$tmp/client"
on 1 python3 "$tmp/talk" call "$(field nd qc -j node show n2)" "$pid" "$chid" \
	<"$tmp/call" 8>&- >"$tmp/client" &
exec 7>"$tmp/call"
wait_line "$tmp/client"
qc peer set n2 qos exclusive:q0
link=$(sent x0)
other=$(sent q0)
echo >&7
# shellcheck disable=SC2317
more()
{
	[ "$(sent x0)" -gt "$link" ]
}
t_ok "a circuit keeps to what it was made with" t_eventually 20 more
t_is "and takes no other link" "$(sent q0)" "$other"
exec 7>&- 8>&-

qc peer set n2 qos exclusive:x0
qc bearer del dev x0
M_NODE=n2 m_call -k 1 -n 1 -S 100 -T 30
t_like "exclusive, and the bearer is deleted: calls fail" \
	"$M_OUT $(cat "$M_DIR/client.err")" EHOSTUNREACH
qc bearer add dev x0
qc peer set n2 qos preferred:x0
qc bearer del dev x0
only q0 x0 n2 "preferred, and the bearer is deleted"
qc bearer add dev x0
t_ok "two links again" t_eventually 20 has_links
only x0 q0 n2 "preferred, and it is added again"

# ---- budgets ---------------------------------------------------------------------

# calls NAME: enough to fill the smallest budget. Their clients begin all at
# once, when the server, which is slow, has answered their first word.
calls()
{
	local pid

	read -r pid _ <"$M_AT"
	on 2 kill -STOP "$pid"
	m_begin -k 200 -n 1 -z 8192 -S 1000 -w 10 -T 120
	t_eventually 60 has_circuits 200
	on 2 kill -CONT "$pid"
	m_end
	m_verdict "$1" 200
}

# shellcheck disable=SC2317
has_circuits()
{
	[ "$(on_2 vcs)" -eq "$1" ]
}

# on_2 KEY: of node 1, as node 2 sees it
on_2()
{
	field "$1" on 2 qnetconfig -j node show n1
}

m_serve -m 1
qc peer set n2 qos exclusive:x0
calls "a large budget: 200 calls"
t_is "a large budget: nothing is put off" "$(on_2 rx_later)" 0
t_ok "a small budget" on 2 qnetconfig peer set n1 budget 4M
calls "a small budget: 200 calls, none is lost or wrong"
later=$(on_2 rx_later)
t_ok "a small budget: data is put off" test "$later" -gt 0
t_is "a small budget: counted in all as well" "$(m_stat 2 kif_later)" "$later"
t_is "a small budget: nothing is refused" "$(on_2 rx_refused)" 0
t_ok "a budget that is large again" on 2 qnetconfig peer set n1 budget 64M
calls "a budget that is large again: 200 calls"
t_is "a budget that is large again: no more is put off" "$(on_2 rx_later)" \
	"$later"
# shellcheck disable=SC2317
nothing_held()
{
	[ "$(on_2 rx_bytes)" -eq 0 ] && [ "$(field tx_bytes qc -j node show n2)" -eq 0 ]
}
t_ok "nothing is held in the end" t_eventually 20 nothing_held

# A cable that is slow enough to look at the queue
# shellcheck disable=SC2317
queued()
{
	[ "$(field tx_bytes qc -j node show n2)" -gt "$1" ]
}
qc peer set n2 qos exclusive:q0 budget 4M
impair 1 q0 rate 1mbit
m_begin -k 200 -n 1 -z 8192 -S 1000 -T 120
t_ok "a small budget: the queue fills" t_eventually 100 queued 260000
waited=$(field tx_full qc -j node show n2)
t_ok "a small budget: senders wait" test "$waited" -gt 0
t_ok "a small budget: that is counted in all as well" \
	test "$(m_stat 1 tx_throttled)" -ge "$waited"
t_fail "a small budget: no more is queued" queued 300000
t_ok "a large budget lets them go on" qc peer set n2 budget 64M
t_ok "a large budget: more is queued" t_eventually 100 queued 300000
impair 1 q0
m_end
m_verdict "all calls are answered" 200
m_end_servers

qc peer set n2 qos loadbalance budget 16M
on 2 qnetconfig peer set n1 budget 16M
on 1 ip link del x0
wait

# ---- batch, options, prefixes --------------------------------------------------

printf 'peer add x1 any\npeer add x1 any\npeer add x2 any\n' >"$tmp/batch"
t_like "batch: stops at an error" "$(qc -b "$tmp/batch" 2>&1; echo $?)" \
	"Command failed $tmp/batch:2"$'\n'"2\$"
t_is "batch: did what came before" "$(is_json qc -j peer)" 2
qc -force -b "$tmp/batch" 2>/dev/null
t_is "batch -force: goes on" "$(is_json qc -j peer)" 3
conf=$LAB_REPO/build/stage/share/doc/qnet/examples/qnet.conf
t_error "batch: that cannot be read" 1 'cannot read ".*": Is a directory.*' \
	qc -b "$tmp"
t_ok "the example of a configuration is no more than that" qc -b "$conf"
t_is "it adds nothing" "$(is_json qc -j peer)" 3
sed -n 's/^#\([a-z]\)/\1/p' "$conf" >"$tmp/batch"
t_is "it has some commands" "$(sed -n '$=' "$tmp/batch")" 6
# shellcheck disable=SC2016
t_like "which all hold where they are said" "$(on 1 unshare -n sh -c \
	'ip link add eth0 type dummy && ip link set eth0 up &&
	 qnetconfig -b "$0" && qnetconfig peer' "$tmp/batch" 2>&1)" \
	'n2.*'$'\n''n3.*02:00:00:00:00:03'
qc peer del x1
qc peer del x2
t_like "prefixes" "$(qc be sh)" '^q0: '
t_error "a prefix of two" 1 '"s" may be show or set\.' qc node s
t_error "unknown object" 1 'unknown object "foo"; type: qnetconfig help\.' \
	qc foo
t_error "unknown command" 1 \
	'unknown command "foo"; type: qnetconfig peer help\.' qc peer foo
t_error "unknown keyword" 1 'unknown word "foo"; type: qnetconfig bearer help\.' \
	qc bearer show foo
t_error "value missing" 1 'dev needs a value: DEV\.' qc bearer add dev
t_error "given twice" 1 'dev is given twice\.' \
	qc bearer show dev q0 dev q0
t_like "version" "$(qc -V)" '^qnetconfig [0-9]'
t_is "-netns" "$(qnetconfig -n n1 -j bearer)" "$(qc -j bearer)"
for color in -c -color -c=always; do
	t_like "$color" "$(qc $color node)" $'\e''\[32mup '
done
for color in -c=auto -color=never "-c -j"; do
	# shellcheck disable=SC2086
	t_is "$color: none into a pipe" "$(qc $color node | grep -c $'\e')" 0
done
t_error "-color: not so" 1 '"maybe" is nothing for -color \(never, auto, always\)\.' \
	qc -c=maybe node
t_error "-netns: unknown" 1 'no network namespace "nope": .*' \
	qnetconfig -n nope bearer
t_is "options behind the object" \
	"$(qnetconfig bearer show -j dev q0 -n n1)" \
	"$(qc -j bearer show dev q0)"
t_is "help behind the object" "$(qc bearer show -h)" "$(qc -h)"
t_error "an unknown option behind the object" 1 \
	'unknown option "-x"; type: qnetconfig -h\.' qc bearer show -x
t_error "a word behind -- is no option" 2 'qnet: no such peer "-j"\.' \
	qc node show -- -j
t_is "nor is one before the object" "$(qc -- domain)" "$(qc domain)"
t_error "nor is a number" 1 '"-1" is not a number.*' \
	qc watchdog set num-polls -1
for object in domain bearer node peer vc channel name stats link watchdog monitor topology top \
	netmap netpoll; do
	t_like "$object help" "$(qc $object help)" "Usage: qnetconfig $object"
done

# ---- monitor -------------------------------------------------------------------

start_monitor json -j monitor
start_monitor text -t monitor config
sleep 2
qc peer add m1 any
qc peer set m1 budget 8M
qc peer del m1
qc bearer del dev q0
qc bearer add dev q0
on 1 ip link add name mac0 link q0 type macvlan
qc bearer add dev mac0
on 1 ip link del mac0
qc node set self name n1
t_eventually 20 grep -q '"domain"' "$tmp/json"
t_eventually 20 grep -q domain "$tmp/text"
stop_monitors
for event in peer peer_del bearer bearer_del domain; do
	t_ok "monitor: $event" grep -q "\"event\":\"$event\"" "$tmp/json"
done
t_ok "monitor: peer set" grep -q '"event":"peer".*"budget":8388608' \
	"$tmp/json"
t_ok "monitor: every line is JSON" python3 "$tmp/is_json" "$tmp/json"
t_like "monitor: time and text" "$(cat "$tmp/text")" \
	'\[20[0-9T:.-]+\] peer m1: deleted'
t_like "monitor: a device that goes away" "$(cat "$tmp/text")" \
	'bearer mac0: deleted'

# ---- who may -------------------------------------------------------------------

t_ok "anyone may look" "${nobody[@]}" qnetconfig node
t_error "only CAP_NET_ADMIN may change" 2 \
	'qnet: Operation not permitted, it takes CAP_NET_ADMIN.*' \
	"${nobody[@]}" qnetconfig bearer del dev q0
t_error "peer set: only CAP_NET_ADMIN" 2 \
	'qnet: Operation not permitted, it takes CAP_NET_ADMIN.*' \
	"${nobody[@]}" qnetconfig peer set n2 budget 8M
t_error "domain set: only CAP_NET_ADMIN" 2 \
	'qnet: Operation not permitted, it takes CAP_NET_ADMIN.*' \
	"${nobody[@]}" qnetconfig domain set budget 8M
t_is "peer set: and nothing was changed" "$(conf n2)" '16777216 "loadbalance"'
# Where the repository lies under /root only root can get at it.
chmod 755 "$tmp"
cp "$(command -v qnetconfig)" "$tmp/qnetconfig"
t_error "the owner of a namespace may in it" 2 \
	'qnet: not an Ethernet device "lo"\.' \
	setpriv --reuid 65534 --regid 65534 --clear-groups \
	unshare -Urn "$tmp/qnetconfig" bearer add dev lo
t_is "another namespace has its own configuration" \
	"$(unshare -n qnetconfig -j bearer)" "[]"
t_like "another namespace has the name of its maker's host" "$(unshare -u sh -c \
	'echo box.plant >/proc/sys/kernel/hostname; unshare -n qnetconfig domain')" \
	'^self box domain plant '

# ---- raw requests: numbers as in qnet_netlink.h ----------------------------------

t_is "bearer-new: no device" "$(genl 4 ask)" \
	"Invalid argument; no network device given; missing 2"
t_is "bearer-new: two devices" "$(genl 4 ask 1:u32:1 2:str:q0)" \
	"Invalid argument; give ifindex or ifname, not both; at 28"
t_like "bearer-new: crc 2" "$(genl 4 ask 2:str:q0 3:u32:2)" \
	'^Numerical result out of range; .*; at 28$'
t_like "bearer-new: index 0" "$(genl 4 ask 1:u32:0)" \
	'^Numerical result out of range; .*; at 20$'
t_like "bearer-new: an attribute of answers" "$(genl 4 ask 4:u32:1500)" \
	'^Invalid argument; .*; at 20$'
t_like "bearer-new: an attribute of nobody" "$(genl 4 ask 99:u32:1)" \
	'^Invalid argument; .*; at 20$'
t_like "bearer-new: index of 2 bytes" "$(genl 4 ask 1:hex:0100)" \
	'^(Invalid argument|Numerical result out of range); .*; at 20$'
t_is "node-get: no node" "$(genl 8 ask)" \
	"Invalid argument; no node given; missing 2"
t_is "node-set-self: no name" "$(genl 9 ask)" \
	"Invalid argument; no name given; missing 2"
t_like "node-set-self: no NUL" "$(genl 9 ask 2:hex:616263)" \
	'^Invalid argument; .*; at 20$'
t_is "node-resolve: no node" "$(genl 10 ask)" \
	"Invalid argument; no node given; missing 2"
t_is "peer-new: no name" "$(genl 13 ask)" \
	"Invalid argument; no peer given; missing 1"
t_is "peer-new: no address" "$(genl 13 ask 1:str:m)" \
	"Invalid argument; give one address, or any; missing 3"
t_is "peer-new: two addresses" "$(genl 13 ask 1:str:m 3:hex:020000000009 4:nul:)" \
	"Invalid argument; give one address, or any; at 40"
t_like "peer-new: address of 5 bytes" "$(genl 13 ask 1:str:m 3:hex:0200000000)" \
	'^Numerical result out of range; .*; at 28$'
t_is "peer-del: no name" "$(genl 14 ask)" \
	"Invalid argument; no peer given; missing 1"
t_is "domain-set: nothing" "$(genl 20 ask)" \
	"Invalid argument; nothing to set given; missing 5"
t_like "domain-set: budget of 3 MiB" "$(genl 20 ask 5:u32:3145728)" \
	'^Numerical result out of range; .*; at 20$'
t_is "peer-set: nothing" "$(genl 21 ask 1:str:n2)" \
	"Invalid argument; nothing to set given; missing 8"
t_is "peer-set: no name" "$(genl 21 ask 8:u32:8388608)" \
	"Invalid argument; no peer given; missing 1"
t_is "peer-set: nobody" "$(genl 21 ask 1:str:nope 8:u32:8388608)" \
	"No such file or directory; no such peer; at 20"
t_like "peer-set: budget of 2 GiB" "$(genl 21 ask 1:str:n2 8:u32:2147483648)" \
	'^Numerical result out of range; .*; at 28$'
t_is "peer-set: no such bearer" "$(genl 21 ask 1:str:n2 9:str:preferred:lo)" \
	"No such device; the device is not a bearer; at 28"
t_like "peer-set: no such policy" "$(genl 21 ask 1:str:n2 9:str:best)" \
	'^Invalid argument; neither loadbalance .*; at 28$'
t_like "peer-set: no NUL" "$(genl 21 ask 1:str:n2 9:hex:6c6f)" \
	'^Invalid argument; .*; at 28$'
t_like "peer-set: an address" "$(genl 21 ask 1:str:n2 3:hex:020000000009)" \
	'^Invalid argument; '
t_like "vc-get: no such state" "$(genl 17 dump 9:u32:9)" \
	'^Numerical result out of range; .*; at 20$'
t_is "vc-get: filters" "$(genl 17 dump 1:u32:1 2:u32:1 9:u32:1 10:u32:0)" "OK; "
t_like "unknown command" "$(genl 99 ask)" '^Operation not supported; '
t_like "domain-get: attributes are refused" "$(genl 1 ask 1:u32:1)" \
	'^Invalid argument; .*; at 20$'

# ---- the watchdog ---------------------------------------------------------------

for n in 1 2; do
	on $n qnetconfig watchdog set poll-period 10 idle-time 10
done
t_is "watchdog: QNX 4's parameters" "$(qc watchdog show | head -1)" \
	"all: poll-period 10s idle-time 10s max-idle-time never num-polls 6 num-qpkts 16 worst 70s"
t_is "watchdog: JSON, and each peer" "$(is_json qc -j watchdog)" \
	$(($(is_json qc -j peer) + 1))
t_ok "watchdog: all that can be set" qc watchdog set poll-period 0.1 \
	idle-time 3600s max-idle-time 1500ms num-polls 100 num-qpkts 1000
t_is "watchdog: is set" "$(qc watchdog show | head -1)" \
	"all: poll-period 0.1s idle-time 3600s max-idle-time 1.5s num-polls 100 num-qpkts 1000 worst 3610s"
t_ok "watchdog: and back" qc watchdog set poll-period 10 idle-time 10 \
	max-idle-time never num-polls 6 num-qpkts 16
t_ok "watchdog: of one node" qc watchdog set node n2 num-polls 3
t_is "watchdog: its own" \
	"$(qc -j watchdog show n2 | python3 -c 'import json, sys
print(*[(w["own"], w["worst_ms"]) for w in json.load(sys.stdin)])')" \
	"(['num_polls'], 40000)"
t_is "watchdog: what only is asked is not told" \
	"$(qc -j watchdog show n2 | grep -c inherit)" 0
t_ok "watchdog: as for all" qc watchdog set node n2 inherit
t_is "watchdog: none is its own" \
	"$(qc -j watchdog show n2 | grep -c '"own":\[\]')" 1
t_error "watchdog: nothing to set" 2 'qnet: .*nothing to set given.*' \
	qc watchdog set
t_error "watchdog: inherit from whom" 2 \
	'qnet: .*inherit is for the watchdog of one node.*' \
	qc watchdog set inherit
t_error "watchdog: no such node" 2 'qnet: .*no such peer.*' \
	qc watchdog set node nobody num-polls 3
t_error "watchdog: of no such node" 2 'qnet: .*no such peer.*' \
	qc watchdog show nobody
while read -r key value attr is range; do
	t_error "watchdog: $key $value" 2 \
		"qnet: integer out of range \\($attr $is\\) \\($range\\)\\." \
		qc watchdog set "$key" "$value"
done <<'END'
poll-period	0.09	poll_period_ms		90	100 to 3600000
poll-period	3601	poll_period_ms		3601000	100 to 3600000
idle-time	0	idle_time_ms		0	100 to 3600000
max-idle-time	2000001	max_idle_time_ms	2000001000	0 to 2000000000
num-polls	0	num_polls		0	1 to 100
num-polls	101	num_polls		101	1 to 100
num-qpkts	0	num_qpkts		0	1 to 1000
num-qpkts	1001	num_qpkts		1001	1 to 1000
END
for bad in "poll-period x" "poll-period -1" "poll-period 1h" "poll-period 1e99" \
	"max-idle-time nan"; do
	t_error "watchdog: $bad" 1 \
		"\"${bad#* }\" is not a time for ${bad% *} \\(seconds like 2 or 0\.5s, or 500ms\\)\\." \
		qc watchdog set "${bad% *}" "${bad#* }"
done
for bad in 1.5 99999999999 -1 ''; do
	t_error "watchdog: num-polls \"$bad\"" 1 \
		"\"$bad\" is not a number for num-polls \\(0 to 4294967295\\)\\." \
		qc watchdog set num-polls "$bad"
done
t_error "watchdog: no value" 1 'idle-time needs a value: TIME\.' \
	qc watchdog set idle-time
t_error "vc: a process that cannot be" 2 \
	'qnet: integer out of range \(local_pid 0\) \(1 to 2147483647\)\.' \
	qc vc show pid 0
t_error "channel: a process that cannot be" 1 'pid: 0 is no process; .*' \
	qc channel show pid 0
t_error "watchdog: only CAP_NET_ADMIN may set it" 2 \
	'qnet: Operation not permitted, it takes CAP_NET_ADMIN.*' \
	"${nobody[@]}" qnetconfig watchdog set num-polls 3
t_error "vc kill: only CAP_NET_ADMIN" 2 \
	'qnet: Operation not permitted, it takes CAP_NET_ADMIN.*' \
	"${nobody[@]}" qnetconfig vc kill 1 node n2 side client
t_error "vc kill: no such circuit" 2 'qnet: .*no such circuit with another node.*' \
	qc vc kill 1 node n2 side server
t_error "vc kill: no such node" 2 'qnet: .*no such peer.*' qc vc kill 1 node nobody side client
t_error "vc kill: no number" 1 '.*is not a number for ID.*' qc vc kill x node n2 side client
start_monitor wd monitor config
sleep 2
qc watchdog set num-polls 7
t_eventually 20 grep -q 'watchdog all' "$tmp/wd"
stop_monitors
t_like "monitor: the watchdog was set" "$(cat "$tmp/wd")" \
	'watchdog all: .* num-polls 7 '
qc watchdog set num-polls 6

# ---- many peers: dumps that need several messages ---------------------------------

for i in {1..300}; do
	echo "peer add many-$i-$(printf 'y%.0s' {1..40}) any"
done >"$tmp/batch"
t_ok "300 peers" qc -b "$tmp/batch"
t_is "a long dump of peers" "$(is_json qc -j peer)" 301
t_is "a long dump of nodes" "$(is_json qc -j node)" 302
t_is "nothing twice in a dump" \
	"$(field nd qc -j node | tr ' ' '\n' | sort | uniq -d)" ""

# ---- things that go away in use -----------------------------------------------------

t_ok "all JSON so far was JSON" python3 "$tmp/is_json" "$tmp/all.json"
t_ok "removal of a device in use" on 1 ip link del q0
t_is "its bearer is gone" "$(qc -j bearer)" "[]"
ip netns add gone
ip -n gone link add q9 type dummy
ip -n gone link set q9 up
t_ok "a namespace to be removed" qnetconfig -n gone -b - <<'END'
node set self name gone
bearer add dev q9
peer add far any
peer add near lladdr 02:00:00:00:00:77
END
t_ok "removal of a namespace in use" ip netns del gone
t_ok "the module can be removed" t_eventually 30 rmmod qnet
t_error "afterwards: what to type" 2 '.*type: modprobe qnet' qc node

done_testing
