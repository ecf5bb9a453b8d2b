#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the kernel tells by itself: each listener of the groups "link" and "vc"
# hears of each link and each circuit that comes and goes, once, and nothing of
# whose it is; who may not is told so; who does not listen is told that he missed something, costs the
# kernel no more than his socket's buffer, and the others nothing.
#
# lab: -n 2 -m netns -l 2
# kernels: stock
# timeout: 200
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2317,SC2016

here=$LAB_REPO/selftests
. "$here/lab/tap.sh"
# shellcheck source=watchdog/lib.sh
. "$here/watchdog/lib.sh"

slow=1
[ "$LAB_KERNEL" != debug ] || slow=4
limit=$((30 * slow))
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# Where the repository lies under /root only root can get at it.
chmod 755 "$tmp"
cp "$(command -v qnetconfig)" "$tmp/qnetconfig"
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all
	--inh-caps=-all)

# listen NODE NAME CMD...: CMD is a monitor of the configuration and more; what it
# prints is in $tmp/NAME, and in NAME.err. Returns when it listens.
listen()
{
	local node=$1 name=$2

	shift 2
	# shellcheck disable=SC2094
	on "$node" bash -c 'echo $$ >"$0.pid"; exec "$@" 2>"$0.err"' \
		"$tmp/$name" "$@" >"$tmp/$name" &
	t_eventually $limit hears "$node" "$name"
}

# hears NODE NAME: of a change that changes nothing
hears()
{
	on "$1" qnetconfig domain set budget 16M </dev/null
	grep -q domain "$tmp/$2"
}

# has FILE REGEX: a line
has()
{
	grep -qE "$2" "$tmp/$1"
}

# links FILE BEARER: what was told of a link, in order, as "1 0 1"
links()
{
	python3 -c 'import json, sys
every = [json.loads(line)[0] for line in open(sys.argv[1])]
print(*[e["active"] for e in every if e["event"] == "link" and
        (e["node"], e["bearer"]) == ("n2", sys.argv[2])])' "$tmp/$1" "$2"
}

# is FILE BEARER ACTIVE: as the last word of it was. On a machine that is busy a link
# may be left for a moment at any time.
is()
{
	[[ "$(links "$1" "$2")" =~ (^| )$3$ ]]
}

# Counts what was told of circuits: "up 3 ended 1 strange 0"; strange is what was
# not up and ends, or is up twice. With an argument: ids of those that are up.
cat >"$tmp/vcs.py" <<'END'
import json, sys
up, n, strange = {}, {'up': 0, 'ended': 0}, 0
for line in open(sys.argv[1]):
    e, = json.loads(line)
    if e['event'] != 'vc':
        continue
    key = e['node'], e['side'], e['id']
    n['up' if e['state'] == 'up' else 'ended'] += 1
    strange += (key in up) == (e['state'] == 'up')
    strange += e['state'] not in ('up', 'dead')
    if e['state'] == 'up':
        up[key] = e
    else:
        up.pop(key, None)
if len(sys.argv) > 2:
    print(*sorted(e['id'] for e in up.values()))
else:
    print('up', n['up'], 'ended', n['ended'], 'strange', strange)
END

vcs()
{
	python3 "$tmp/vcs.py" "$tmp/$1"
}

# vcs_are FILE UP ENDED
vcs_are()
{
	[ "$(vcs "$1")" = "up $2 ended $3 strange 0" ]
}

# told NAME UP ENDED: since the beginning, at both nodes, root and others
told()
{
	local file

	for file in vc1 vc2; do
		t_eventually $limit vcs_are $file "$2" "$3"
		t_is "$1 ($file)" "$(vcs $file)" "up $2 ended $3 strange 0"
	done
}

# open_ids NODE: of the circuits that are up, as one asks
open_ids()
{
	on "$1" qnetconfig -j vc show state up </dev/null | python3 -c 'import json, sys
print(*sorted(vc["id"] for vc in json.load(sys.stdin)))'
}

# shares NODE COUNT: so many circuits, each of which says that it is one of so many
shares()
{
	on "$1" qnetconfig -j vc show state up </dev/null | python3 -c 'import json, sys
print(*(vc["shares"] for vc in json.load(sys.stdin)))' >"$tmp/shares"
	[ "$(cat "$tmp/shares")" = "$(yes "$2" | head -n "$2" | paste -sd ' ')" ]
}

# keys FILE: of what was told of circuits
keys()
{
	python3 -c 'import json, sys
every = [json.loads(line)[0] for line in open(sys.argv[1])]
print(*sorted({key for e in every if e["event"] == "vc" for key in e}))' "$tmp/$1"
}

t_ok "the programs build" w_build
# So that its links are new
on 1 qnetconfig peer del n2 </dev/null
on 1 qnetconfig peer add n2 any </dev/null
listen 1 text qnetconfig -t monitor
listen 1 link qnetconfig -j monitor link config
listen 1 vc1 qnetconfig -j monitor vc config
listen 2 vc2 qnetconfig -j monitor all
listen 2 nobody2 "${nobody[@]}" "$tmp/qnetconfig" -j monitor
listen 2 names qnetconfig -t monitor name config
listen 2 names_json qnetconfig -j -t monitor name config
w_serve
t_result $? "a server is up"

# ---- Names

read -r pid chid <"$LAB_OUT/at"
time='20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}'
t_ok "a name, with the time" t_eventually $limit \
	has names "^\\[$time\\] name echo: pid $pid chid $chid\$"
t_ok "as JSON" t_eventually $limit has names_json \
	"\"event\":\"name\",\"timestamp\":\"$time\",\"name\":\"echo\",\"pid\":$pid,\"chid\":$chid,"
t_is "the same as one asks" "$(on 2 qnetconfig -j name show echo </dev/null)" \
	"[{\"name\":\"echo\",\"pid\":$pid,\"chid\":$chid,\"uid\":0}]"
t_is "in words" "$(on 2 qnetconfig name </dev/null | awk '{ print $1, $2, $3, $4 }')" \
	"PID CHID UID NAME
$pid $chid 0 echo"
t_is "of a name that nobody has" \
	"$(on 2 qnetconfig -j name show nobody </dev/null)" "[]"

# ---- Circuits that are opened and closed

# "circuits" opens one to ask for the server, closes it, and has so many.
w_client 10
w_line $limit
t_like "ten circuits are opened" "$line" "^open 10 "
told "each is told of, once" 11 1
t_is "those are what there is" "$(python3 "$tmp/vcs.py" "$tmp/vc1" open)" \
	"$(open_ids 1)"
t_is "at the other node, too" "$(python3 "$tmp/vcs.py" "$tmp/vc2" open)" \
	"$(open_ids 2)"
for file in vc1 vc2; do
	t_is "no process and no user is told ($file)" "$(keys $file)" \
		"buffer chid event id idle_ms nd node rx_msgs scoid shares side state tx_msgs"
done
t_ok "its client's end" has vc1 '"event":"vc".*"node":"n2","side":"client","state":"up"'
t_ok "its server's end" has vc2 '"event":"vc".*"node":"n1","side":"server","state":"up"'
for n in 1 2; do
	t_ok "all are of the same two processes (node $n)" shares $n 10
	t_ok "and say what goes with a call (node $n)" test \
		"$(on $n qnetconfig -j vc </dev/null | grep -o '"buffer":8192' | wc -l)" -eq 10
done
w_tell less
w_line $limit
t_is "one is closed" "$line" "left 9"
for n in 1 2; do
	t_ok "the others are fewer now (node $n)" t_eventually $limit shares $n 9
done
t_ok "as text, with the time" has text \
	'^\[20[0-9T:.-]+\] vc 0x[0-9a-f]+ node n2 side client: up chid [0-9]+$'
w_close
told "they are closed: that is told, once" 11 11
t_ok "as text" has text 'vc 0x[0-9a-f]+ node n2 side client: dead chid [0-9]+$'

# ---- Links that are cut

for l in q0 q1; do
	t_ok "link $l is told of" t_eventually $limit is link $l 1
done
t_is "as one asks" "$(on 1 qnetconfig -j link </dev/null | grep -o '"active":1' | wc -l)" 2
w_client 10
w_line $limit
t_like "circuits, two links" "$line" "^open 10 "
told "up again" 22 12
cut 1 q1
t_ok "a cable is cut" t_eventually $limit is link q1 0
t_ok "the other link is as it was" t_eventually $limit is link q0 1
mend 1 q1
t_ok "it is mended" t_eventually $limit is link q1 1
t_ok "as text: off" has text '\] link n2 bearer q1: active off$'
t_ok "as text: on" has text '\] link n2 bearer q1: active on$'
on 1 qnetconfig bearer del dev q1 </dev/null
t_ok "a bearer is removed" t_eventually $limit is link q1 0
on 1 qnetconfig bearer add dev q1 </dev/null
found()
{
	on 1 qnetconfig node resolve n2 </dev/null && is link q1 1
}
t_ok "and comes back" t_eventually $limit found
t_is "no circuit has ended" "$(vcs vc1)" "up 22 ended 12 strange 0"
t_fail "who asked for links hears of no circuit" has link '"event":"vc"'
t_fail "nor the other way round" has vc1 '"event":"link"'

# ---- Circuits whose server, or whose node, goes

read -r pid _ <"$LAB_OUT/at"
on 2 kill -KILL "$pid"
told "the server is killed: each has ended" 22 22
t_ok "its name has gone" t_eventually $limit \
	has names "^\\[$time\\] name echo: detached\$"
t_ok "as JSON" t_eventually $limit has names_json '"event":"name_del",.*"name":"echo"'
w_close
told "that is all" 22 22
w_serve
w_client 10
w_line $limit
told "another one" 33 23
on 1 qnetconfig peer del n2 </dev/null
told "the peer is removed: they end" 33 33
t_ok "and each names its node" has text 'vc 0x[0-9a-f]+ node n2 side client: dead'
t_is "each" "$(grep -c '"event":"vc".*"node":"n2"' "$tmp/vc1")" 66
w_close
for l in q0 q1; do
	t_like "link $l is gone, too; told of each turn once" \
		"$(links link $l)" '^1 0( 1 0)*$'
done
t_like "link q1 was cut, removed, and gone" "$(links link q1)" '^(1 0 ?){3,}$'
on 1 qnetconfig peer add n2 any </dev/null

# ---- Who may listen, and who does not

# A buffer for some thirty events
old=$(cat /proc/sys/net/core/rmem_max)
echo 16384 >/proc/sys/net/core/rmem_max
listen 1 asleep qnetconfig -j monitor vc config
echo "$old" >/proc/sys/net/core/rmem_max
kill -STOP "$(cat "$tmp/asleep.pid")"
w_client 100
w_line $((60 * slow))
t_like "a hundred circuits" "$line" "^open 100 "
w_close
told "the others miss nothing" 134 134
t_is "nor has any been told so" "$(cat "$tmp"/{text,link,vc1,vc2}.err)" ""
t_fail "who has no privilege hears of no circuit" has nobody2 '"event":"vc"'
t_ok "but of the nodes" has nobody2 '"event":"node"'
t_is "and is told so" "$(cat "$tmp/nobody2.err")" \
	'To hear of "vc" takes CAP_NET_ADMIN: type sudo before the command.
To hear of "name" takes CAP_NET_ADMIN: type sudo before the command.'
t_fail "of nothing else he hears nothing" on 2 "${nobody[@]}" "$tmp/qnetconfig" monitor vc

# column N: of the sleeper's socket in /proc/net/netlink, whose buffer is twice
# what was asked for
column()
{
	on 1 awk -v pid="$(cat "$tmp/asleep.pid")" -v n="$1" \
		'$2 == 16 && $3 % 4194304 == pid { print $n }' /proc/net/netlink </dev/null
}
t_note "the sleeper: $(column 5) bytes are held, $(column 9) events dropped"
t_ok "who does not read costs no more than the buffer, and one event" \
	test "$(column 5)" -le $((2 * 16384 + 8192))
t_ok "and misses the rest" test "$(column 9)" -gt 0
kill -CONT "$(cat "$tmp/asleep.pid")"
t_ok "he is told that he did" t_eventually $limit has asleep.err '^Some events were lost\.$'
awake()
{
	on 1 qnetconfig domain set budget 32M </dev/null
	has asleep '"budget":33554432'
}
t_ok "and hears again" t_eventually $limit awake

cat "$tmp"/*.pid | xargs kill 2>/dev/null
for file in link vc1 vc2 nobody2 asleep names_json; do
	t_ok "all is JSON ($file)" python3 -c 'import json, sys
assert all(len(json.loads(line)) == 1 for line in open(sys.argv[1]))' "$tmp/$file"
done
done_testing
