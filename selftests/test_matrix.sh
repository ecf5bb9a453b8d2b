#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many clients and servers on bad cables: every message is served once, in
# order, whole and unspoiled, and so is its reply; no call fails.
#
# With MATRIX_SECONDS or MATRIX_CELLS set (selftests/soak/run) all combinations,
# one after the other, for as long or so many of them.
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

wire()
{
	dirty+=" wire"
	m_wire "$@"
}

mtu()
{
	dirty+=" mtu"
	m_mtu "$@"
}

mend_all()
{
	[[ $dirty != *netem* ]] || m_links impair 1
	[[ $dirty != *wire* ]] || m_wire
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

	cell "nothing in the way" $all -L 4194304
	t_ok "4 MiB went both ways" so_large 4194304

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
	wire corrupt 1%
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

	one 1345
}

# ---- All combinations
#
# Each is a number below $cells, whose digits say what is done to the cables. Cell
# I is number I * $stride: as the two have no divisor in common each combination
# comes once, and even a few cells in a row differ in everything: 48 of them have
# each loss with each MTU and each size, and all else about evenly.

cells=$((4 * 4 * 3 * 2 * 2 * 2 * 2 * 2))
stride=161
links_used=$LAB_LINKS
left_out=0
broken=

# digit NAME VALUES...: the next one of $number
digit()
{
	local to=$1 n

	shift
	n=$((number % $#))
	number=$((number / $#))
	shift $n
	printf -v "$to" '%s' "$1"
}

# combination CELL
combination()
{
	number=$(($1 * stride % cells))
	digit loss 0 1 10 30
	digit frame 1500 68 9000 256
	digit size 8192 262144 4194304
	digit links 1 2
	digit reorder 0 25
	digit corrupt 0 1
	digit duplicate 0 5
	digit delay "" "1ms 500us"
}

each_once()
{
	local i n seen=()

	for ((i = 0; i < cells; i++)); do
		n=$((i * stride % cells))
		[ -z "${seen[n]}" ] || return
		seen[n]=1
	done
	[ ${#seen[@]} -eq $cells ]
}

# What netem is told, in $cable. A frame overtakes others that it holds back: by
# 1 ms, all alike, where there is no delay else. Jitter would change the order,
# too; with a rate, however high, only the chosen ones overtake.
netem_words()
{
	cable=
	[ -z "$delay" ] || cable+=" delay $delay rate 10gbit"
	[ $reorder = 0 ] || [ -n "$delay" ] || cable+=" delay 1ms"
	[ $reorder = 0 ] || cable+=" reorder $reorder%"
	[ $loss = 0 ] || cable+=" loss $loss%"
	[ $corrupt = 0 ] || cable+=" corrupt $corrupt%"
	[ $duplicate = 0 ] || cable+=" duplicate $duplicate%"
	cable=${cable# }
}

# Of the two cables that there are
use_links()
{
	local n cmd=add

	[ "$1" != "$links_used" ] || return 0
	links_used=$1
	[ "$1" -eq 2 ] || cmd=del
	for n in 1 2; do
		on $n qnetconfig bearer $cmd dev q1 </dev/null || return
	done
}

# Both nodes know of all of them
links_found()
{
	local n

	for n in 1 2; do
		on $n qnetconfig node resolve n$((3 - n)) </dev/null &&
		[ "$(on $n qnetconfig link show n$((3 - n)) </dev/null |
			grep -c ' yes ')" -eq "$1" ] || return
	done
}

# A message and a reply have been so large.
so_large()
{
	[ "$(m_word bytes "$M_OUT")" -ge "$1" ] &&
	[ "$(m_word replied "$M_OUT")" -ge "$1" ]
}

# Who waits for longer is blocked: so many milliseconds for a frame of the largest
# message, of 20 bytes and more.
patience()
{
	echo $(((60 + size / (frame - 48) * (5 + loss) / 1000) * M_SLOW))
}

# one CELL
one()
{
	local name small

	combination "$1"
	if [ "$links" -gt "$LAB_LINKS" ]; then
		left_out=$((left_out + 1))
		return
	fi
	netem_words
	name="cell $1: MTU $frame, $size bytes, $links links, ${cable:-nothing in the way}"
	seed=$((${MATRIX_SEED:-0} + $1))
	small=$((size / 16))
	[ $small -ge 8192 ] || small=8192
	use_links "$links"
	mtu $frame
	[ -z "$cable" ] || wire $cable limit 10000
	m_fresh -m $servers
	t_ok "$name: the nodes find each other" \
		t_eventually $((60 * M_SLOW)) links_found "$links"
	cell "$name" -k 8 -S $small -L $size -T "$(patience)" || broken+=" $1"
	t_ok "$name: both ways" so_large $size
}

# MATRIX_CELLS cells from MATRIX_FROM on, in MATRIX_SECONDS; LAB_OUT has the file
# "next" then, which says from where to go on
all_combinations()
{
	local from=$((${MATRIX_FROM:-0} % cells)) count=${MATRIX_CELLS:-$cells}
	local end=$((SECONDS + ${MATRIX_SECONDS:-1000000})) i

	[ $count -le $cells ] || count=$cells
	for ((i = from; i < from + count && SECONDS < end; i++)); do
		one $((i % cells))
		echo $(((i + 1) % cells)) >"$LAB_OUT/next"
	done
	use_links "$LAB_LINKS"
	t_note "of $cells cells $((i - from)), from $from on; MATRIX_FROM=$((i % cells)) goes on"
	t_note "wrong were:${broken:- none}"
	t_note "left out: $left_out, whose second link this lab has not"
}

t_ok "test programs are built" m_build
t_ok "there are $cells combinations of bad cables, each counted once" each_once
m_serve -m $servers
t_result $? "the servers are up"
if [ -n "$MATRIX_SECONDS$MATRIX_CELLS" ]; then
	t_note "MATRIX_SEED=${MATRIX_SEED:-0}"
	# Hours of it would fill a disk
	[ -z "$MATRIX_SECONDS" ] || [ ! -e /run/lab/tap.pid ] ||
		kill "$(cat /run/lab/tap.pid)"
	all_combinations
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
