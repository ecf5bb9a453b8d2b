#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many clients and servers on bad cables: every message is served once, in
# order, whole and unspoiled, and so is its reply; no call fails.
#
# With MATRIX_SECONDS set (selftests/soak/run) all combinations, at random,
# for as long.
#
# lab: -n 2 -m netns
# lab: -n 2 -m netns -l 2
# kernels: stock debug
# timeout: 300
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2086

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

servers=4
seconds=5
seed=0

spoil()
{
	[ $# -eq 0 ] || m_links impair 1 "$@"
}

mend_all()
{
	m_links impair 1
	m_corrupt
	m_mtu 1500
}

# cell NAME ARGS...: a verdict of the cables as they are
cell()
{
	local name=$1 status=0

	shift
	seed=$((seed + 1))
	m_call -s $seed -d $seconds -T $((seconds * 2 + 30 * M_SLOW)) "$@"
	m_verdict "$name" 4 || status=1
	t_note "at $SECONDS s"
	mend_all
	# What one cell broke is none of the next one's business.
	[ $status -eq 0 ] || m_fresh -m $servers
	return $status
}

all="-k 8"
some="-k 8 -S 262144"
few="-k 2 -S 65536"

one_link()
{
	local before

	cell "nothing in the way" $all

	spoil loss 10%
	cell "loss 10 %" $some

	spoil loss 30%
	cell "loss 30 %" $few

	spoil duplicate 5%
	cell "duplicates 5 %" $some

	spoil delay 3ms reorder 25% limit 10000
	cell "reordering 25 %" $some

	before=$(($(m_stat 1 rx_bad_crc) + $(m_stat 2 rx_bad_crc)))
	m_corrupt 1%
	cell "corruption 1 %" $some
	t_ok "spoiled frames were dropped, and counted" test \
		$(($(m_stat 1 rx_bad_crc) + $(m_stat 2 rx_bad_crc))) -gt "$before"

	# Opened at that size, too
	m_mtu 68
	m_fresh -m $servers
	cell "MTU 68" $few

	m_mtu 9000
	cell "MTU 9000" $some

	[ "$LAB_KERNEL" != debug ] || return

	spoil loss 1%
	cell "loss 1 %" $some

	spoil delay 1ms 500us limit 10000
	cell "delay 1 ms, jitter" $some

	m_mtu 256
	m_fresh -m $servers
	cell "MTU 256" $some

	spoil delay 1ms 500us loss 5% duplicate 5% reorder 10% limit 10000
	m_mtu 576
	cell "all together" $few
}

two_links()
{
	cell "two links" $all

	spoil loss 10%
	cell "two links, loss 10 %" $some

	[ "$LAB_KERNEL" != debug ] || return

	impair 1 q0 loss 30%
	cell "two links, loss 30 % on one" $some

	impair 1 q1 delay 5ms limit 10000
	cell "two links, delay 5 ms on one" $some

	m_mtu 600 q1
	cell "two links, MTU 600 on one" $some

	m_corrupt 1%
	spoil duplicate 5%
	cell "two links, corruption 1 %, duplicates 5 %" $some
}

# pick WORDS...: one of them
pick()
{
	shift $((RANDOM % $#))
	printf '%s' "$1"
}

# One of all combinations; harsh ones have less to do
one_of_all()
{
	local loss dup corrupt delay mtu clients size name=

	loss=$(pick 0 0 1 5 10 30)
	dup=$(pick 0 0 5 20)
	corrupt=$(pick 0 0 1)
	delay=$(pick none none "1ms 500us" "3ms reorder 25%" "20ms 5ms")
	mtu=$(pick 68 100 256 576 1500 1500 9000 65535)
	clients=$(pick 1 2 8 32)
	size=4194304
	[ $loss -lt 10 ] || size=262144
	[ $loss -lt 30 ] && [ $mtu -ge 256 ] || size=65536
	[ $size -gt 65536 ] || clients=$(pick 1 2 8)

	[ "$delay" = none ] || name+=" delay $delay"
	[ $loss = 0 ] || name+=" loss $loss%"
	[ $dup = 0 ] || name+=" duplicate $dup%"
	[ -z "$name" ] || spoil ${name# } limit 10000
	[ $corrupt = 0 ] || m_corrupt $corrupt%
	[ $corrupt = 0 ] || name+=" corrupt $corrupt%"
	m_mtu $mtu
	cell "mtu $mtu$name: $clients clients, up to $size bytes" \
		-k $clients -S $size
}

t_ok "test programs are built" m_build
m_serve -m $servers
t_result $? "the servers are up"
if [ -n "$MATRIX_SECONDS" ]; then
	RANDOM=${MATRIX_SEED:-$$}
	t_note "MATRIX_SEED=${MATRIX_SEED:-$$}"
	# Hours of it would fill a disk
	[ ! -e /run/lab/tap.pid ] || kill "$(cat /run/lab/tap.pid)"
	seconds=15
	end=$((SECONDS + MATRIX_SECONDS))
	while [ "$SECONDS" -lt "$end" ]; do
		one_of_all
	done
elif [ "$LAB_LINKS" -eq 1 ]; then
	one_link
else
	two_links
fi

m_end_servers
if [ "$LAB_MODE" = netns ]; then
	t_ok "nothing is left: the module can be taken out" t_eventually 20 \
		rmmod qnet
fi
done_testing
