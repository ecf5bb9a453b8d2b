#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "domain set trust qnx": nodes that trust their LAN find each other by themselves,
# whoever is first; who is closed stays so, and sends nothing. What anybody may
# have us remember is bounded, and forgotten with "closed".
#
# lab: -n 3 -m netns
# kernels: stock
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$LAB_REPO/selftests
. "$here/lab/tap.sh"
. "$here/watchdog/lib.sh"

limit=20
[ "$LAB_KERNEL" != debug ] || limit=80
at=$LAB_OUT/at
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# qc NODE ARGS...
qc()
{
	local node=$1

	shift
	on "$node" qnetconfig "$@" </dev/null
}

# peers NODE: by name
peers()
{
	qc "$1" -j peer | python3 -c 'import json, sys
print(*sorted(p["name"] for p in json.load(sys.stdin)))'
}

peers_are()
{
	[ "$(peers "$1")" = "$2" ]
}

knows()
{
	qc "$1" peer show "$2" >/dev/null 2>&1
}

# nr_peers NODE
nr_peers()
{
	qc "$1" -j peer | grep -o '"name":' | wc -l
}

nr_peers_is()
{
	[ "$(nr_peers "$1")" = "$2" ]
}

# auto NODE PEER: is it marked?
auto()
{
	qc "$1" -j peer show "$2" | grep -c '"auto":true'
}

# What the third sends while the second asks: the next announcement of its own is
# half a minute away.
third_is_quiet()
{
	local before

	qc 3 node set self name third
	before=$(w_stat 3 tx_frames)
	qc 2 domain set trust closed
	qc 2 domain set trust qnx
	t_eventually $limit peers_are 2 n1
	[ "$(w_stat 3 tx_frames)" = "$before" ]
}

stranger()
{
	w_stat "$1" rx_stranger
}

t_ok "the programs build" w_build
for n in 1 2 3; do
	for m in 1 2 3; do
		[ $n = $m ] || qc $n peer del n$m
	done
done
t_is "closed at first" "$(qc 1 -j domain | grep -o '"trust":"[a-z]*"')" \
	'"trust":"closed"'
t_is "nobody knows anybody" "$(peers 1)$(peers 2)$(peers 3)" ""

t_ok "the first one trusts" qc 1 domain set trust qnx
t_like "it says so" "$(qc 1 domain)" ' trust qnx$'
t_ok "the second one" qc 2 domain set trust qnx
t_ok "the first knows the second" t_eventually $limit knows 1 n2
t_ok "and the second the first" t_eventually $limit knows 2 n1
t_ok "the third hears it and says nothing" t_eventually $((limit * 4)) third_is_quiet
t_is "nor does it know them" "$(peers 3)" ""
t_like "such a peer is marked" "$(qc 1 peer show n2)" '^n2: .* any .* auto$'
t_is "in JSON, too" "$(auto 1 n2)" 1

rm -f "$at"
on -d 2 "$VM/echo" echo "$at"
t_ok "a server on the second node" t_eventually $limit test -s "$at"
w_client 10
w_line 60
t_like "and a call from the first" "$line" "^open 10 "
w_close

t_ok "what names itself is known" qc 3 node set self name drei
t_ok "to the first" t_eventually $limit knows 1 drei
t_ok "and the second" t_eventually $limit knows 2 drei
t_is "while it is closed" "$(peers 3)" ""
t_ok "its name is the administrator's to give" qc 2 peer add drei.plant any
t_is "in whatever domain" "$(auto 2 drei.plant)" 0
t_fail "but only once" qc 2 peer add drei any
t_fail "nor is it to be ours" qc 2 node set self name drei
t_ok "until he takes it back" qc 2 peer del drei.plant

t_ok "who is spoken of stays" qc 1 peer set drei budget 8M
t_is "as a peer by the administrator's word" \
	"$(auto 1 drei)" 0
t_ok "who is added, too" qc 1 peer add n2 any min-uid 0
t_is "as one that was added" "$(auto 1 n2)" 0
t_ok "closed again" qc 1 domain set trust closed
t_is "those two are left" "$(peers 1)" "drei n2"
t_ok "the second closes, too" qc 2 domain set trust closed
t_is "and is alone" "$(peers 2)" ""
qc 1 peer del drei
qc 3 bearer del dev q0

before=$(stranger 2)
t_ok "strangers tell their names" \
	on 1 "$here/wire/play" q0 02:00:00:00:00:02 newcomer 5
t_ok "where nobody trusts them they are strangers" \
	t_eventually $limit test "$(stranger 2)" -ge $((before + 5))
t_is "and become nothing" "$(peers 2)" ""

t_ok "the second trusts" qc 2 domain set trust qnx
t_ok "the first has it as a peer and is greeted" t_eventually $limit nr_peers_is 2 1
t_ok "no names" on 1 "$here/wire/play" q0 02:00:00:00:00:02 misnomer 10
t_ok "strangers tell their names" \
	on 1 "$here/wire/play" q0 02:00:00:00:00:02 newcomer 10
t_ok "ten of them become peers" t_eventually $limit nr_peers_is 2 11
t_is "and what is no name did not" "$(peers 2)" \
	"n1 new0 new1 new2 new3 new4 new5 new6 new7 new8 new9"

# Many: they come faster than they are taken, and tell their names again.
more()
{
	on 1 "$here/wire/play" q0 02:00:00:00:00:02 newcomer 400 >/dev/null
	[ "$(nr_peers 2)" -ge 256 ]
}

t_ok "very many tell their names" t_eventually $((limit * 4)) more
more
t_is "and there is an end to that" "$(nr_peers 2)" 256
t_ok "one more" on 1 "$here/wire/play" q0 02:00:00:00:00:02 latecomer 1
t_ok "takes the place of one that is idle" t_eventually $limit knows 2 late0
t_is "of which there is one less" "$(nr_peers 2)" 256
t_ok "closed: all are forgotten" qc 2 domain set trust closed
t_is "all" "$(peers 2)" ""

t_like "no such trust" "$(qc 1 domain set trust all 2>&1 >/dev/null)" \
	'^Error: "all" is nothing for trust \(closed, qnx\)\.$'
done_testing
