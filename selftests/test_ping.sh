#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# qnetconfig node ping: each link to a node is probed and timed by itself; what is
# not answered is said so, and a link is not left for being asked often.
#
# lab: -n 2 -m netns -l 2
# kernels: stock
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2317

here=$LAB_REPO/selftests
. "$here/lab/tap.sh"

slow=1
[ "$LAB_KERNEL" != debug ] || slow=4
limit=$((30 * slow))
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# Where the repository lies under /root only root can get at it.
chmod 755 "$tmp"
cp "$(command -v qnetconfig)" "$tmp/qnetconfig"

qc()
{
	on 1 qnetconfig "$@" </dev/null
}

# pinged EXPRESSION ARGS...: of the records "all" and the last one, "sum", of a ping
# of n2 as JSON; its exit status is in $tmp/status
pinged()
{
	local what=$1

	shift
	{
		qc -j node ping n2 "$@"
		echo $? >"$tmp/status"
	} | tee "$tmp/last" | python3 -c 'import json, sys
*all, sum = json.load(sys.stdin)
def of(bearer):
    return [r for r in all if r.get("bearer") == bearer]
print(eval("(" + sys.argv[1] + ")"))' "$what"
}

# is_good NAME VALUE: what pinged prints
is_good()
{
	t_is "$1" "$2" True
	[ "$2" = True ] || t_note "$(cat "$tmp/last")"
}

state()
{
	qc -j node show n2 | grep -o '"state":"[a-z]*"'
}

both_links()
{
	[ "$(pinged 'sum["answered"]' count 1)" = 2 ]
}

is_good "a node that is down is reached" "$(pinged 'sum["answered"] > 0' count 1)"
t_is "its exit status" "$(cat "$tmp/status")" 0
t_is "and is up then" "$(state)" '"state":"up"'
t_ok "each link answers" t_eventually $limit both_links
is_good "one record for each probe and link, and a sum" "$(pinged \
	'len(of("q0")) == len(of("q1")) == 3 and len(all) == sum["sent"] == 6' \
	count 3 interval 0.1)"
is_good "all were answered, each in a time of its own" "$(pinged \
	'all[0]["answered"] and sum["answered"] == 6 and
	sum["min_us"] == min(r["rtt_us"] for r in all) and
	sum["max_us"] == max(r["rtt_us"] for r in all) and
	sum["min_us"] <= sum["avg_us"] <= sum["max_us"]' count 3 interval 0.1)"
t_like "as text" "$(qc node ping n2 count 2 interval 100ms)" \
	'^n2 bearer q[01] probe 1: [0-9]+ us.*'$'\n''n2: 4 probes, 4 answered, min/avg/max [0-9]+/[0-9]+/[0-9]+ us$'

# Of the watchdog's own packets one that is slow to be acknowledged makes a link
# that has become slow be left.
for n in 1 2; do
	on $n qnetconfig watchdog set poll-period 3600 idle-time 3600 </dev/null
done
impair 1 q0 delay 50ms
is_good "a link that is slow, and one that is not" "$(pinged \
	'min(r["rtt_us"] for r in of("q0")) >= 50000 >
	min(r["rtt_us"] for r in of("q1"))' count 3 interval 0.1)"

# A link is left after three probes that were not answered: not by asking faster
# than it can answer.
failures()
{
	qc -j link show n2 | grep -o '"failures":[0-9]*' | paste -sd ' '
}
is_good "many in a row: all are answered" "$(pinged \
	'sum["answered"] == sum["sent"] == 40' count 20 interval 0)"
before=$(failures)
pids=
for i in {1..10}; do
	qc node ping n2 count 2 interval 0 >"$tmp/ping.$i" &
	pids+=" $!"
done
# shellcheck disable=SC2086
wait $pids
t_is "many at once: each is told of both links" \
	"$(cat "$tmp"/ping.* | grep -c 'bearer q[01] probe')" 40
t_is "no link is left for that" "$(failures)" "$before"
impair 1 q0

cut 1 q1
is_good "a cable is cut: it does not answer, the other one does" "$(pinged \
	'of("q0")[-1]["answered"] and not of("q1")[-1]["answered"] and
	"rtt_us" not in of("q1")[-1]' count 2 interval 0)"
t_is "its exit status, since one did" "$(cat "$tmp/status")" 0
t_like "as text" "$(qc node ping n2 count 1)" 'n2 bearer q1 probe 1: no answer'
cut 1 q0
is_good "both are cut: nobody answers" "$(pinged \
	'sum["answered"] == 0 and sum["sent"] == 2 and "min_us" not in sum' count 1)"
t_is "its exit status" "$(cat "$tmp/status")" 2
mend 1 q0
mend 1 q1
t_ok "they are mended" t_eventually $limit both_links

# t_refused NAME STATUS REGEX ARGS...
t_refused()
{
	local name=$1 want=$2 regex=$3 out status=0

	shift 3
	out=$("$@" 2>&1 >/dev/null </dev/null) || status=$?
	t_like "$name" "$status $out" "^$want Error: $regex\$"
}

t_refused "this node" 2 'qnet: that is this node.*\.' qc node ping n1
t_refused "an unknown one" 2 'qnet: no such peer "nope"\.' qc node ping nope
t_refused "no number" 1 '"x" is not a number for count.*' qc node ping n2 count x
t_refused "no time" 1 '"x" is not a time for interval.*' \
	qc node ping n2 interval x
t_refused "only CAP_NET_ADMIN may" 2 \
	'qnet: Operation not permitted, it takes CAP_NET_ADMIN.*' \
	on 1 setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all \
	--inh-caps=-all "$tmp/qnetconfig" node ping n2
qc peer add far lladdr 02:00:00:00:00:99 dev lo
t_refused "no bearer leads there" 2 'qnet: no bearer leads to the node.*\.' \
	qc node ping far
qc peer add ghost any
t_like "nobody of that name: no answer" "$(qc node ping ghost count 1; echo "$?")" \
	'ghost probe 1: no answer'$'\n''ghost: 1 probes, 0 answered'$'\n''2'
done_testing
