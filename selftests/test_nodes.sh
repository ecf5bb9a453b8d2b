#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Five nodes call each other while clients and servers are killed, cables are
# cut and mended and nodes lose power, at random: no call lasts longer than its
# budget, whatever happened to the other end, and in the end nothing is left.
# NODES_SECONDS says how long (selftests/soak/run: more), SEED which accidents,
# CALL_MS, KILL_MS and SERVER_KILL_MS how often there is a call and a kill of
# each; servers at 0: each time they serve.  ACCIDENTS says how many there must
# have been of all kinds.
#
# lab: -n 5 -m netns
# kernels: debug
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154,SC2034,SC2317

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

SEED=${SEED:-1}
NODES_SECONDS=${NODES_SECONDS:-20}
ACCIDENTS=${ACCIDENTS:-$((NODES_SECONDS * 2))}
# Twenty clients: what the processor has time for
[ "$LAB_KERNEL" = debug ] && rarer=15 || rarer=1
CALL_MS=${CALL_MS:-$((20 * rarer))}
KILL_MS=${KILL_MS:-$((500 * rarer))}
SERVER_KILL_MS=${SERVER_KILL_MS:-$((500 * rarer))}
# Who cuts cables need not wait for them.
matrix=(nice -n 19 "$MATRIX")
RANDOM=$SEED
# A node is missed after 4 s; what else takes time comes on top.
budget=$((10 * M_SLOW))
# What all this may cost a client or a server
errors=ESRCH,EBADF,EHOSTDOWN,EHOSTUNREACH
forever=1000000
# The jobs: servers by node, clients as "kind.from.to"
declare -A server client count
life=0 servers_killed=0

# What keeps a client waiting: its threads and its server's, and what each node
# says of its circuits and channels; with -o the lab keeps it.
cat >"$M_DIR/look" <<EOF
#!/bin/bash
exec >>"$LAB_OUT/look" 2>&1 9>"$M_DIR/look.lock"
flock 9
echo "== client \$1, server \$2, \$(cut -d ' ' -f 1 /proc/uptime), load \$(cat /proc/loadavg)"
for task in /proc/\$1/task/* /proc/\$2/task/*; do
	echo "\$task: \$(grep State \$task/status), \$(cat \$task/schedstat)"
	cat \$task/stack
done
for n in 1 2 3 4 5; do
	echo "-- n\$n"
	for what in vc channel; do
		ip netns exec n\$n qnetconfig -d \$what
	done
	for what in node link; do
		ip netns exec n\$n qnetconfig -s \$what
	done
done
EOF
chmod +x "$M_DIR/look"

# served NODE: what its servers saw was as it had been sent, and came once
served()
{
	local shown status=0

	shown=$(on $1 "$MATRIX" show -e $errors "$M_DIR/at.$1" </dev/null) ||
		status=1
	t_note "n$1: $shown"
	[[ ! $shown =~ " killed "([0-9]+) ]] ||
		servers_killed=$((servers_killed + BASH_REMATCH[1]))
	return $status
}

# serve NODE: two servers, each killed again and again while it serves
serve()
{
	# What the last ones saw would go with them
	[ ! -e "$M_DIR/at.$1" ] || served "$1" || lost=1
	rm -f "$M_DIR/at.$1"
	on -d "$1" "${matrix[@]}" serve -m 2 -t 2 -x $forever -i "$SERVER_KILL_MS" \
		"$M_DIR/at.$1" 2>>"$M_DIR/server.err"
	server[$1]=$!
	t_eventually 60 test -s "$M_DIR/at.$1"
}

# clients NODE: two for each of two other nodes; one of them is killed again and
# again, the other one must never be stuck
clients()
{
	local from=$1 to kind pace

	life=$((life + 1))
	for to in $((from % 5 + 1)) $(((from + 1) % 5 + 1)); do
		for kind in victim survivor; do
			# They leave time for others to run.
			pace=(-i "$CALL_MS")
			[ $kind = survivor ] ||
				pace+=(-P "$KILL_MS" -x "$forever")
			on -d "$from" "${matrix[@]}" call "${pace[@]}" \
				-c "$M_DIR/look" -q "$M_DIR/stop" \
				-e $errors -T $forever -B $budget -S 16384 \
				-s $((SEED + RANDOM)) "n$to" "$M_DIR/at.$to" \
				>"$M_DIR/out.$kind.$from.$to.$life" \
				2>>"$M_DIR/err.$kind.$from.$to"
			client[$kind.$from.$to]=$!
		done
	done
}

# sum NAME: of what all clients have printed
sum()
{
	cat "$M_DIR"/out.* | awk -v n="$1" \
		'{ for (i = 2; i < NF; i++) if ($i == n) s += $(i + 1) }
		END { print s + 0 }'
}

# Each accident leaves the nodes as they were.
short_cut()
{
	cut "$1"
	sleep 0.$((RANDOM % 9 + 1))
	mend "$1"
}

long_cut()
{
	cut "$1"
	sleep 6
	mend "$1"
}

power_cut()
{
	local job n=$1

	crash "$n" || return
	for job in "${!client[@]}"; do
		[[ $job = *.$n.* ]] || continue
		wait "${client[$job]}" 2>/dev/null
		unset "client[$job]"
	done
	wait "${server[$n]}" 2>/dev/null
	sleep 0.$((RANDOM % 9 + 1))
	boot "$n" && serve "$n" && clients "$n"
}

accidents()
{
	local end=$((SECONDS + NODES_SECONDS)) n kinds kind i

	kinds=(power_cut long_cut short_cut short_cut)
	for kind in "${kinds[@]}"; do
		count[$kind]=0
	done
	# One of each at least
	for ((i = 0; i < 3 || SECONDS < end; i++)); do
		n=$((RANDOM % 5 + 1))
		kind=${kinds[i < 3 ? i : RANDOM % 4]}
		count[$kind]=$((count[$kind] + 1))
		$kind $n || { t_note "$kind $n failed"; return 1; }
		sleep 0.$((RANDOM % 9 + 1))
	done
}
all_end()
{
	local job status=0

	touch "$M_DIR/stop"
	for job in "${!client[@]}"; do
		t_eventually $((2 * budget)) ended "${client[$job]}" || {
			t_note "$job is still there"
			status=1
		}
	done
	return $status
}

ended()
{
	! kill -0 "$1" 2>/dev/null
}

no_circuits()
{
	local n left

	for n in 1 2 3 4 5; do
		left=$(on $n qnetconfig vc </dev/null)
		[ -z "$left" ] || { echo "node $n: $left"; return 1; }
	done
}

# pairs: every node calls every other one
pairs()
{
	local from to

	for from in 1 2 3 4 5; do
		for to in 1 2 3 4 5; do
			[ $from -ne $to ] || continue
			t_eventually 20 on $from "$MATRIX" call -k 1 -n 2 -S 5000 \
				-T $budget "n$to" "$M_DIR/at.$to" \
				>/dev/null 2>&1 </dev/null || {
				t_note "n$from does not reach n$to"
				return 1
			}
		done
	done
}

t_ok "test programs are built" m_build
t_note "SEED=$SEED"
status=0 lost=0
for n in 1 2 3 4 5; do
	serve $n || status=1
done
t_result $status "servers are on all nodes"
for n in 1 2 3 4 5; do
	clients $n
done
accidents
t_result $? "accidents happen, and are mended"
all_end
t_result $? "all clients come to their end"
t_note "$(sum calls) calls, $(sum errors) errors, $(sum killed) clients killed; short cuts, long cuts, power cuts: ${count[short_cut]} ${count[long_cut]} ${count[power_cut]}"
# What a power cut has ended counted nothing, but said what it saw.
t_is "no call was stuck" "$(sum blocked)$(grep -h 'is blocked' "$M_DIR"/err.* |
	head -n 20)" 0
t_is "no client died by itself" "$(sum died)" 0
t_is "no reply was another's, or wrong" \
	"$(sum disorder) $(sum wrong)$(grep -h 'is wrong' "$M_DIR"/err.* |
	head -n 20)" "0 0"
t_is "no message was wrong" "$(grep ' wrong: ' "$M_DIR/server.err")" ""
t_is "no other error was seen" "$(cat "$M_DIR"/out.* | tr ' ' '\n' |
	grep -E '^(E[A-Z]+|errno_[0-9]+)$' | sort -u |
	grep -vxE "${errors//,/|}")" ""
t_ok "clients were killed" test "$(sum killed)" -ge $((NODES_SECONDS / rarer))
t_ok "calls were made" test "$(sum calls)" -ge $((NODES_SECONDS * 10 / rarer))
t_result $lost "before each power cut each call was served once, as it was sent"
for n in 1 2 3 4 5; do
	served $n
	t_result $? "node $n: and in the end"
	kill "${server[$n]}"
	wait "${server[$n]}" 2>/dev/null
done
t_ok "no circuit is left" t_eventually 20 no_circuits
# Each cut is mended, and who was without power has it again.
all=$(($(sum killed) + servers_killed +
	2 * (count[short_cut] + count[long_cut] + count[power_cut])))
t_note "$all accidents: $(sum killed) clients and $servers_killed servers killed"
t_ok "that were at least $ACCIDENTS accidents" test $all -ge "$ACCIDENTS"

for n in 1 2 3 4 5; do
	on -d $n "$MATRIX" serve "$M_DIR/at.$n" 2>>"$M_DIR/server.err"
	server[$n]=$!
	t_eventually 60 test -s "$M_DIR/at.$n"
done
t_ok "everyone reaches everyone" pairs
kill "${server[@]}"
wait
t_ok "and no circuit is left again" t_eventually 20 no_circuits
t_ok "the module can be taken out" t_eventually 20 rmmod qnet
done_testing
