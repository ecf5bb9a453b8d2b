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

# What is not as it should be; programs start slowly on the debug kernel
dirty=

spoil()
{
	dirty+=" netem"
	m_links impair 1 "$@"
}

spoil_one()
{
	dirty+=" netem"
	impair 1 "$@"
}

corrupt()
{
	dirty+=" corrupt"
	m_corrupt "$@"
}

mtu()
{
	dirty+=" mtu"
	m_mtu "$@"
}

mend_all()
{
	[[ $dirty != *netem* ]] || m_links impair 1
	[[ $dirty != *corrupt* ]] || m_corrupt
	[[ $dirty != *mtu* ]] || m_mtu 1500
	dirty=
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
	t_ok "frames before their turn were counted" \
		test "$(m_stat 2 rx_seq_order)" -gt 0
	t_ok "and acknowledgments" test "$(m_stat 2 send_acks)" -gt 0

	before=$(($(m_stat 1 rx_bad_crc) + $(m_stat 2 rx_bad_crc)))
	corrupt 1%
	cell "corruption 1 %" $some
	t_ok "spoiled frames were dropped, and counted" test \
		$(($(m_stat 1 rx_bad_crc) + $(m_stat 2 rx_bad_crc))) -gt "$before"

	# Opened at that size, too
	mtu 68
	m_fresh -m $servers
	cell "MTU 68" $few

	mtu 9000
	cell "MTU 9000" $some

	[ "$LAB_KERNEL" != debug ] || return

	spoil loss 1%
	cell "loss 1 %" $some

	spoil delay 1ms 500us limit 10000
	cell "delay 1 ms, jitter" $some

	mtu 256
	m_fresh -m $servers
	cell "MTU 256" $some

	spoil delay 1ms 500us loss 5% duplicate 5% reorder 10% limit 10000
	mtu 576
	cell "all together" $few
}

two_links()
{
	cell "two links" $all

	spoil loss 10%
	cell "two links, loss 10 %" $some

	[ "$LAB_KERNEL" != debug ] || return

	spoil_one q0 loss 30%
	cell "two links, loss 30 % on one" $some

	spoil_one q1 delay 5ms limit 10000
	cell "two links, delay 5 ms on one" $some

	mtu 600 q1
	cell "two links, MTU 600 on one" $some

	corrupt 1%
	spoil duplicate 5%
	cell "two links, corruption 1 %, duplicates 5 %" $some
}

# pick NAME WORDS...: one of them becomes the variable's value (no subshell:
# it would not go on with the seed's numbers)
pick()
{
	local to=$1

	shift
	shift $((RANDOM % $#))
	printf -v "$to" '%s' "$1"
}

# One of all combinations; harsh ones have less to do
one_of_all()
{
	local loss dup corrupt delay mtu clients size name=

	pick loss 0 0 1 5 10 30
	pick dup 0 0 5 20
	pick corrupt 0 0 1
	pick delay none none "1ms 500us" "3ms reorder 25%" "20ms 5ms"
	pick mtu 68 100 256 576 1500 1500 9000 65535
	pick clients 1 2 8 32
	size=4194304
	[ $loss -lt 10 ] || size=262144
	[ $loss -lt 30 ] && [ $mtu -ge 256 ] || size=65536
	[ $size -gt 65536 ] || pick clients 1 2 8

	[ "$delay" = none ] || name+=" delay $delay"
	[ $loss = 0 ] || name+=" loss $loss%"
	[ $dup = 0 ] || name+=" duplicate $dup%"
	[ -z "$name" ] || spoil ${name# } limit 10000
	[ $corrupt = 0 ] || corrupt $corrupt%
	[ $corrupt = 0 ] || name+=" corrupt $corrupt%"
	mtu $mtu
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
