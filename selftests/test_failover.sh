#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# How long a call takes whose link fails in the middle: by the instruction clock,
# so that times are those of the nodes and not of a busy machine.
#
# lab: -n 2 -l 2 -i
# kernels: stock
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"

bin=$LAB_REPO/build/selftests/vm
# A retransmission after 20 ms, or when a clock of 4 ms next ticks, twice if need
# be, in the one direction and then in the other
most=$((2 * (20 + 2 * 4) * 1000))

serve()
{
	rm -f "$LAB_OUT/at"
	on -d 2 "$bin/echo" echo "$LAB_OUT/at"
	t_eventually 60 test -s "$LAB_OUT/at"
}

coproc client { on 1 "$bin/ask" n2~preferred:q0 echo; }
tell()
{
	printf '%s\n' "$*" >&"${client[1]}"
}

answer()
{
	answer=
	read -r -t 120 answer <&"${client[0]}"
}

# pace NAME CMD...: calls all the time, and CMD in the middle
pace()
{
	local name=$1 longest

	shift
	tell pace 600
	read -r -t 0.2 <> <(:)
	"$@" </dev/null
	answer
	t_like "$name: no call fails" "$answer" '^[0-9]+ calls, the longest [0-9]+ us$'
	longest=${answer##*longest }
	longest=${longest% us}
	t_note "$name: $answer"
	t_ok "$name: one is late, by one retransmission each way" \
		test "${longest:-$((most + 1))}" -le $most
}

active()
{
	on 1 qnetconfig -j link show n2 </dev/null | python3 -c 'import json, sys
print(*(l["active"] for l in json.load(sys.stdin) if l["bearer"] == "q0"))'
}

is_active()
{
	[ "$(active)" = "$1" ]
}

# Frames vanish without a word, as in a switch that fails
silence()
{
	impair 1 loss 100%
	impair 2 loss 100%
}

one_way()
{
	impair "$1" loss 100%
}

back()
{
	impair 1
	impair 2
	t_ok "$1: the link is taken again" t_eventually 30 is_active 1
}

t_ok "the programs build" make -s -C "$here/vm"
serve
t_result $? "the server is up"
tell again
answer
t_is "it is found" "$answer" ok
tell pace 200
answer
t_note "nothing fails: $answer"
t_ok "two links" t_eventually 30 is_active 1
t_is "which both ends know" "$(on 2 qnetconfig link show n1 </dev/null |
	grep -c '^n1 .* yes ')" 2
pace "silence" silence
t_is "silence: the link was left" "$(active)" 0
back "silence"
pace "requests are lost" one_way 1
back "requests are lost"
pace "replies are lost" one_way 2
back "replies are lost"
pace "the cable is cut" cut 1
mend 1
back "the cable is cut"
done_testing
