#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The benchmark's own footing. On a direct cable under the instruction clock:
# figures repeat, a small call to another node and a large message to it take
# the frames they should, the others' goodput is measured as well, small calls
# cost what they may, README.rst prints what was measured. On a bad cable: the
# program, which checks every byte of every message, goes through all the same.
#
# lab: -n 2 -i -e LAB_CABLE=direct
# lab: -n 2
# kernels: stock
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# field NAME JSON
field()
{
	python3 -c 'import json, sys; print(json.loads(sys.argv[2])[sys.argv[1]])' "$@"
}

# agree JSON JSON: within 0.5 %
agree()
{
	python3 -c 'import json, sys
a, b = (json.loads(r)["instructions"] for r in sys.argv[1:])
sys.exit(abs(a - b) > 0.005 * min(a, b))' "$@"
}

# between A B X
between()
{
	python3 -c 'import sys
a, b, x = map(float, sys.argv[1:])
sys.exit(not a <= x <= b)' "$@"
}

# measure_twice WHAT LEAST MOST OPTION...: and count the frames of it
measure_twice()
{
	local what=$1 least=$2 most=$3 one two

	shift 3
	one=$("$tmp/qnet_bench" "$@" 2>&1)
	two=$("$tmp/qnet_bench" "$@" 2>&1)
	t_like "$what: a measurement" "$one" '"instructions": [0-9]+,'
	t_like "$what: another one" "$two" '"instructions": [0-9]+,'
	t_ok "$what: they agree within 0.5 %" agree "$one" "$two"
	t_ok "$what: $least to $most frames" \
		between "$least" "$most" "$(field frames "$one")"
}

# goodput_of TRANSPORT: what the last results say
goodput_of()
{
	python3 -c 'import json, sys
print(*(r["per_byte"] for r in json.load(open(sys.argv[2]))["goodput"]
        if r["transport"] == sys.argv[1]))' "$1" "$here/bench/results/latest.json"
}

# cost_of TRANSPORT: of 64 bytes there and back, in instructions, as last measured
cost_of()
{
	python3 -c 'import json, sys
print(*(r["instructions"] for r in map(json.loads, open(sys.argv[2]))
        if r["transport"] == sys.argv[1] and r["bytes"] == 64))' \
		"$1" "$tmp/rows.jsonl"
}

# at_most TRANSPORT WHAT INSTRUCTIONS: who waits sleeps, as in README.rst's table
at_most()
{
	t_note "$2: $(cost_of "$1") instructions"
	t_ok "$2: at most $3 instructions" between 1 "$3" "$(cost_of "$1")"
}

# Two nodes that guest.sh has not set up yet
forget_nodes()
{
	local n

	for n in 1 2; do
		on $n qnetconfig peer del n$((3 - n)) &&
		on $n qnetconfig bearer del dev q0 || return
	done
}

good_cable()
{
	local t

	measure_twice "64 B" 2 2.1 qnet-remote 64
	# 1 MiB is 700 frames full of it; the acknowledgments are far fewer
	measure_twice "goodput" 700 1000 -a 8 -r 40 qnet-remote 1048576
	t_ok "the nodes are as at first" forget_nodes
	t_ok "rows of the table" env LAB_OUT="$tmp" BENCH_SIZES=64 \
		"$here/bench/guest.sh" "$tmp/qnet_bench" tcp tipc qnet-local \
		qnet-remote-nocrc
	at_most qnet-remote-nocrc "a call to the other node, no checksums" 18500
	at_most qnet-local "a call on one node" 11000
	for t in tcp tipc; do
		t_like "goodput of $t" \
			"$(grep "\"$t\"" "$tmp/goodput.jsonl")" '"instructions": [0-9]+,'
	done
	for t in qnet-remote qnet-remote-nocrc tcp tipc; do
		t_like "goodput of $t, in the last results" "$(goodput_of $t)" '^[0-9.]+$'
	done
	t_like "a size a transport has not: null" \
		"$("$tmp/qnet_bench" packet 65536)" \
		'"instructions": null, .*"reason": "'
	t_ok "README.rst prints what was measured" \
		"$here/bench/readme-table" --check
}

# counter NAME: on node 1
counter()
{
	on 1 awk -v name="$1" '$1 == name { print $2 }' /proc/net/qnet/stats
}

bad_cable()
{
	local bytes

	impair 1 delay 2ms 1ms loss 5% duplicate 3% reorder 5%
	for bytes in 64 1400 65536; do
		t_like "$bytes bytes, lost, doubled and reordered" \
			"$("$tmp/qnet_bench" -w 1 -r 20 qnet-remote $bytes 2>&1)" \
			'"instructions": [0-9]+,'
	done
	t_like "frames were sent again" "$(counter tx_retrans)" '^[1-9]'
	t_like "frames came twice" "$(counter rx_dup)" '^[1-9]'
}

t_ok "the program builds" make --no-print-directory -C "$here/bench" \
	BUILD="$tmp" STAGE="$LAB_REPO/build/stage"
if [ "$LAB_CABLE" = direct ]; then
	good_cable
else
	bad_cable
fi
done_testing
