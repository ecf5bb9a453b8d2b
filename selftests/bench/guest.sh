#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What selftests/bench/run runs in the lab (bare, two nodes, a direct cable):
# every transport at every size, one JSON object per line into
# $LAB_OUT/rows.jsonl; 64 B once more with a server that preempts the client
# into preempt.jsonl; messages of 1 MiB one way into goodput.jsonl (not by udp
# and packet, which leave it to the program to repair what was lost). Only one
# of the protocols is on the cable at a time.
#
# guest.sh PROGRAM [ROW]...: ROW is a row of the table, all by default

set -euo pipefail

bench=$1
shift
rows=${*:-unix process_vm packet udp tcp tipc qnet-local qnet-remote qnet-remote-nocrc}
sizes=${BENCH_SIZES:-64 1400 65536 1048576}
out=$LAB_OUT/rows.jsonl
: >"$out"
: >"$LAB_OUT/preempt.jsonl"
: >"$LAB_OUT/goodput.jsonl"

# row LABEL TRANSPORT: measures all sizes
row()
{
	local label=$1 transport=$2 bytes

	for bytes in $sizes; do
		"$bench" -l "$label" "$transport" "$bytes" >>"$out"
	done
	"$bench" -p -l "$label" "$transport" 64 >>"$LAB_OUT/preempt.jsonl"
	echo "measured: $label"
}

# goodput LABEL TRANSPORT: messages of 1 MiB, a few bytes come back
goodput()
{
	"$bench" -a 8 -l "$1" "$2" 1048576 >>"$LAB_OUT/goodput.jsonl"
	echo "measured: $1, goodput"
}

# Addresses, and neighbours known in advance: no ARP among the frames counted
ip_up()
{
	local n other

	for n in 1 2; do
		other=$((3 - n))
		ip -n n$n addr add 10.9.0.$n/24 dev q0
		ip -n n$n neigh replace 10.9.0.$other dev q0 nud permanent \
			lladdr "$(ip -n n$other -br link show dev q0 | awk '{ print $3 }')"
	done
}

tipc_up()
{
	local n

	modprobe tipc
	for n in 1 2; do
		ip netns exec n$n tipc bearer enable media eth device q0
	done
}

tipc_down()
{
	local n

	for n in 1 2; do
		ip netns exec n$n tipc bearer disable media eth device q0
	done
}

# qnet_up [crc off]: two nodes, as a user sets them up
qnet_up()
{
	local n

	[ -d /sys/module/qnet ] || insmod "$QNET_KO"
	for n in 1 2; do
		on $n qnetconfig node set self name n$n
		on $n qnetconfig bearer add dev q0 "$@"
		on $n qnetconfig peer add n$((3 - n)) any
	done
	on 1 qnetconfig node resolve n2 >/dev/null
}

qnet_down()
{
	local n

	for n in 1 2; do
		on $n qnetconfig peer del n$((3 - n))
		on $n qnetconfig bearer del dev q0
	done
}

ip_up
for r in $rows; do
	case "$r" in
	unix|process_vm|packet|udp)
		row "$r" "$r" ;;
	tcp)
		row tcp tcp
		goodput tcp tcp ;;
	tipc)
		tipc_up
		row tipc tipc
		goodput tipc tipc-stream
		tipc_down ;;
	qnet-local)
		qnet_up
		row qnet-local qnet-local
		qnet_down ;;
	qnet-remote)
		qnet_up
		row qnet-remote qnet-remote
		goodput qnet-remote qnet-remote
		qnet_down ;;
	qnet-remote-nocrc)
		qnet_up crc off
		row qnet-remote-nocrc qnet-remote
		goodput qnet-remote-nocrc qnet-remote
		qnet_down ;;
	*)
		echo "guest.sh: no such row: $r" >&2
		exit 2 ;;
	esac
done
