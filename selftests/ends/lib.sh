# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For test_ends.sh and test_ends_vm.sh: clients that stand blocked before
# servers, something that ends one of the two, and a table of what each of them
# was told, and when. Wants $here, lab/tap.sh and matrix/lib.sh.
#
# A *pair* is one process of selftests/ends/client and one of selftests/api's
# server. Their kinds:
#
#	send	one thread, SEND-blocked
#	reply	one thread, REPLY-blocked
#	many	64 threads, half of them SEND-blocked, the others REPLY-blocked
#	idle	no call under way
#
# What is said to a process and what it answers are lines; each answer has the
# time it came at, by the clock of this script. To begin a process takes long in
# the lab: one that is left serves in the next pair of the same name.

E_BIN=${LAB_REPO:-$(readlink -f "$here/..")}/build/selftests
E_KINDS="send reply many idle"
# Slow there, and the same
[ "$LAB_KERNEL" != debug ] || E_KINDS="many idle"
declare -A E_THREADS=([send]=1 [reply]=1 [many]=64 [idle]=0)
declare -A E_TAKEN=([send]=0 [reply]=1 [many]=32 [idle]=0)
declare -A E_IN E_OUT E_JOB E_NODE E_PID E_MUTE		# by process
declare -A E_KIND E_TO E_CHID E_RCVIDS E_SCOID E_SELF	# by pair
declare -A E_CLIENT E_SERVER E_CMS E_SMS		# results of a pair
E_DIR=$(mktemp -d)
E_ROWS=$E_DIR/rows
E_STUCK=0
E_DISCONNECT=$(printf '%u' -33)	# as the server prints the code
# Room for what other parts of the kernel do meanwhile
E_GROWTH=$((512 << 10))

# What a client gets, see e_row: when its server is gone, when the server's node
# is, and when nothing is
E_GONE="ESRCH|1 1 0|EBADF EBADF|ESRCH|OK"
E_DOWN="EHOSTDOWN|1 1 0|EBADF EBADF|EHOSTUNREACH|OK"
E_FINE="OK|0 0 0|OK OK|OK|OK"
# When its circuit is, and its server still there
E_CUT="ESRCH|1 1 0|EBADF EBADF|OK|OK"
# And a server, whose client is gone
E_LEFT="1|ESRCH|empty"
: >"$E_ROWS"

# ---- What is documented ------------------------------------------------------

E_SLACK=$((1000 * M_SLOW))	# ticks, and the way of the news to this script
E_PATIENCE=$((20 * M_SLOW))	# seconds, then it hangs

# e_number JSON NAME, in E_NUMBER
e_number()
{
	[[ $1 =~ \"$2\":\ *([0-9]+) ]] && E_NUMBER=${BASH_REMATCH[1]}
}

# e_bounds NODE PEER: how long PEER can be gone without being missed, in
# milliseconds, as Documentation/networking/qnet-watchdog.rst says: E_WORST, at
# most; E_LEAST, no shorter silence is noticed. E_TOLD is for who is told, and need
# not find out: no silence has been noticed by then. E_FOUND, until a circuit that
# one end has lost is found out at the other.
e_bounds()
{
	local w period polls idle

	w=$(on "$1" qnetconfig -j watchdog show "$2" </dev/null)
	e_number "$w" poll_period_ms && period=$E_NUMBER &&
		e_number "$w" num_polls && polls=$E_NUMBER &&
		e_number "$w" idle_time_ms && idle=$E_NUMBER || return
	E_LEAST=$((polls * period))
	E_WORST=$(((idle > period ? idle : period) + E_LEAST))
	e_number "$w" worst_ms && [ "$E_NUMBER" -eq $E_WORST ] || return
	E_WORST=$((E_WORST + E_SLACK))
	E_FOUND=$(((idle > period ? idle : period) + period / 8 + E_SLACK))
	E_TOLD=$((3000 * M_SLOW < E_LEAST ? 3000 * M_SLOW : E_LEAST))
}

# e_watchdog PARAMETERS...: of all nodes of the lab, and the bounds they make
e_watchdog()
{
	local n

	for ((n = 1; n <= LAB_NODES; n++)); do
		on $n qnetconfig watchdog set "$@" </dev/null
	done
	e_bounds 1 n2
	t_result $? "the worst case is that of the manual: $*"
}

# ---- Processes -----------------------------------------------------------------

# e_on NODE CMD...: a node of the lab by number, or a namespace by name
e_on()
{
	local node=$1

	shift
	if [[ $node =~ ^[0-9]+$ ]]; then
		on "$node" "$@"
	else
		ip netns exec "$node" "$@"
	fi
}

# e_start NAME NODE CMD...: its first line is in E_WORDS
e_start()
{
	local name=$1 node=$2 in out

	shift 2
	mkfifo "$E_DIR/$name.in" "$E_DIR/$name.out"
	exec {in}<>"$E_DIR/$name.in" {out}<>"$E_DIR/$name.out"
	e_on "$node" "$@" <"$E_DIR/$name.in" 2>>"$E_DIR/errors" |
		"$E_BIN/ends/stamp" >"$E_DIR/$name.out" &
	E_JOB[$name]=$!
	unset "E_MUTE[$name]"
	E_IN[$name]=$in E_OUT[$name]=$out E_NODE[$name]=$node
	e_hear "$name" && [ "${E_WORDS[0]}" = ready ] || return
	E_PID[$name]=${E_WORDS[1]}
}

e_say()
{
	local name=$1

	shift
	printf '%s\n' "$*" >&"${E_IN[$name]}"
}

# e_hear NAME: its next line in E_WORDS, when it came in E_AT (microseconds)
e_hear()
{
	E_WORDS=() E_AT=0
	if ! read -r -t "${E_MUTE[$1]:-$E_PATIENCE}" -a E_WORDS <&"${E_OUT[$1]}"; then
		E_MUTE[$1]=1	# once is enough to wait so long
		return 1
	fi
	E_AT=${E_WORDS[0]}
	E_WORDS=("${E_WORDS[@]:1}")
}

e_ask()
{
	e_say "$@"
	e_hear "$1"
}

# e_kill SIGNAL NAME...: processes of one node
e_kill()
{
	local sig=$1 name pids=()

	shift
	for name in "$@"; do
		pids+=("${E_PID[$name]}")
	done
	if [ "$LAB_MODE" = netns ]; then
		kill -"$sig" "${pids[@]}"
	else
		on "${E_NODE[$1]}" kill -"$sig" "${pids[@]}" </dev/null
	fi 2>/dev/null
}

e_over()
{
	! kill -0 "$1" 2>/dev/null
}

# e_forget NAME...: what does not end by now never will
e_forget()
{
	local name in out

	for name in "$@"; do
		[ "${E_JOB[$name]}" ] || continue
		t_eventually $E_PATIENCE e_over "${E_JOB[$name]}" ||
			E_STUCK=$((E_STUCK + 1))
		in=${E_IN[$name]} out=${E_OUT[$name]}
		exec {in}>&- {out}>&-
		rm -f "$E_DIR/$name.in" "$E_DIR/$name.out"
		unset "E_JOB[$name]"
	done
}

# e_runs NAME [NODE]
e_runs()
{
	[ "${E_JOB[$1]}" ] && [ "${2:-${E_NODE[$1]}}" = "${E_NODE[$1]}" ] &&
		! e_over "${E_JOB[$1]}"
}

# e_end NAME...: ends processes, if they have not ended
e_end()
{
	local name

	for name in "$@"; do
		! e_runs "$name" || e_kill KILL "$name"
	done
	e_forget "$@"
}

e_end_pairs()
{
	e_end "${@/%/.c}" "${@/%/.s}"
}

# ---- Pairs ---------------------------------------------------------------------

# e_name CLIENT SERVER: how the one node knows the other, in E_NAME
e_name()
{
	if [ "$1" = "$2" ]; then
		E_NAME=0
	elif [[ $2 =~ ^[0-9]+$ ]]; then
		E_NAME=n$2
	else
		E_NAME=$2
	fi
}

# e_serve SERVER CHID: one call, replied to
e_serve()
{
	e_ask "$1" "recv $2 128" && [ "${E_WORDS[0]}" -gt 0 ] || return
	E_FROM=${E_WORDS[10]}
	e_ask "$1" "reply ${E_WORDS[0]} 0 0 0" && [ "${E_WORDS[0]}" = 0 ]
}

# e_arrived PAIR: messages that have come to the server's node for its servers
e_arrived()
{
	local name=server_msgs

	[ "${E_TO[$1]}" != 0 ] || name=local_msgs
	e_ask "$1.s" "stat $name"
	E_ARRIVED=${E_WORDS[2]:-0}
}

e_queued()
{
	e_arrived "$1"
	[ "$E_ARRIVED" -ge "$2" ]
}

# e_connect PAIR: both connections are made and used
e_connect()
{
	local p=$1

	e_ask "$p.c" "attach ${E_TO[$p]} ${E_PID[$p.s]} ${E_CHID[$p]}" || return
	e_say "$p.c" hello
	e_serve "$p.s" "${E_CHID[$p]}" && E_SCOID[$p]=$E_FROM &&
		e_serve "$p.s" "${E_CHID[$p]}" && [ "${E_SCOID[$p]}" = "$E_FROM" ] &&
		e_hear "$p.c" && [ "${E_WORDS[*]}" = "OK OK" ]
}

# e_block PAIR RECV: its threads call, and as many as are due are received
e_block()
{
	local p=$1 recv=$2 kind=${E_KIND[$1]} i before

	e_arrived "$p"
	before=$E_ARRIVED
	e_ask "$p.c" "call ${E_THREADS[$kind]}" || return
	E_RCVIDS[$p]=
	for ((i = 0; i < ${E_TAKEN[$kind]}; i++)); do
		e_ask "$p.s" "$recv ${E_CHID[$p]} 128" &&
			[ "${E_WORDS[0]}" -gt 0 ] || return
		E_RCVIDS[$p]+=" ${E_WORDS[0]}"
	done
	t_eventually $E_PATIENCE e_queued "$p" $((before + ${E_THREADS[$kind]}))
}

# e_begin_server PAIR NODE: one with an empty channel
e_begin_server()
{
	local p=$1

	if e_runs "$p.s" "$2"; then
		e_pulses "$p" 0 && return
	fi
	e_end "$p.s"
	e_start "$p.s" "$2" "$E_BIN/api/server" 8 || return # _NTO_CHF_DISCONNECT
	E_CHID[$p]=${E_WORDS[2]}
	e_ask "$p.s" "back 0 ${E_PID[$p.s]} ${E_CHID[$p]}" || return
	E_SELF[$p]=${E_WORDS[0]}
}

# e_begin_client PAIR NODE
e_begin_client()
{
	! e_runs "$1.c" "$2" || return 0
	e_end "$1.c"
	e_start "$1.c" "$2" "$E_BIN/ends/client"
}

# e_pair PAIR KIND CLIENT SERVER [RECV]: between two nodes
e_pair()
{
	local p=$1

	e_name "$3" "$4"
	E_KIND[$p]=$2 E_TO[$p]=$E_NAME
	unset "E_CLIENT[$p]" "E_SERVER[$p]" "E_CMS[$p]" "E_SMS[$p]"
	e_begin_server "$p" "$4" && e_begin_client "$p" "$3" &&
		e_connect "$p" && e_block "$p" "${5:-recv}" && return
	t_result 1 "$p: is set up"
	t_note "${E_WORDS[*]}"$'\n'"$(tail -n 5 "$E_DIR/errors")"
	return 1
}

# e_pairs NAME CLIENT SERVER [RECV]: one of each kind; sets E_PAIRS
e_pairs()
{
	local kind

	E_PAIRS=()
	for kind in $E_KINDS; do
		e_pair "$1.$kind" "$kind" "${@:2}" && E_PAIRS+=("$1.$kind")
	done
}

# e_now: when it happens, or a little before
e_now()
{
	E_T0=${EPOCHREALTIME/./}
}

# e_await PAIR DEATHS MS: the client is to wait for its end; what is late comes
# late, and is not taken for blocked
e_await()
{
	e_say "$1.c" "await $(($3 + 5 * E_SLACK)) $2"
}

# e_watch PAIR: the server is to wait for the pulse
e_watch()
{
	e_say "$1.s" "pulse ${E_CHID[$1]} 24"
}

# e_since: milliseconds from what happened to what was heard last, in E_MS
e_since()
{
	E_MS=
	[ "$E_AT" = 0 ] || E_MS=$(((E_AT - E_T0) / 1000))
}

# e_client PAIR DEATHS: what its threads got, then how many pulses
e_client()
{
	local p=$1

	e_hear "$p.c"
	e_since
	E_CLIENT[$p]="${E_WORDS[*]:-nothing}"
	[ "${E_KIND[$p]}" = idle ] || E_CMS[$p]=$E_MS
	e_hear "$p.c"
	e_since
	[ "$2" -eq 0 ] || E_CMS[$p]=$E_MS
	e_ask "$p.c" deaths
	E_CLIENT[$p]+="|${E_WORDS[*]:-nothing}"
}

# e_next PAIR: a send on each connection; SERVED: the server serves it
e_next()
{
	local p=$1

	e_say "$p.c" hello
	if [ "$2" = SERVED ]; then
		e_serve "$p.s" "${E_CHID[$p]}"
		e_serve "$p.s" "${E_CHID[$p]}"
	fi
	e_hear "$p.c"
	E_CLIENT[$p]+="|${E_WORDS[*]:-nothing}"
}

# e_fresh PAIR [SERVER]: a new connection, to what was its own server or to
# another, which serves it if it is named
e_fresh()
{
	local p=$1 s=${2:-$1}

	e_say "$p.c" "fresh ${E_TO[$p]} ${E_PID[$s.s]} ${E_CHID[$s]}"
	[ $# -eq 1 ] || e_serve "$s.s" "${E_CHID[$s]}"
	e_hear "$p.c"
	E_CLIENT[$p]+="|${E_WORDS[*]:-nothing}"
}

# e_fresh_all PAIR...: each to its own server, all at once: it takes a second to
# find out that a node is not there
e_fresh_all()
{
	local p

	for p in "$@"; do
		e_say "$p.c" "fresh ${E_TO[$p]} ${E_PID[$p.s]} ${E_CHID[$p]}"
	done
	for p in "$@"; do
		e_hear "$p.c"
		E_CLIENT[$p]+="|${E_WORDS[*]:-nothing}"
	done
}

# e_detach PAIR: the old connections go, which must be possible
e_detach()
{
	e_ask "$1.c" detach
	[ "${E_WORDS[*]}" = "OK OK" ] || E_CLIENT[$1]+="|detach ${E_WORDS[*]}"
}

declare -A E_ERRNO=([0]=OK [3]=ESRCH [4]=EINTR [9]=EBADF [22]=EINVAL)

# e_rcvids PAIR: what becomes of replies to those it has
e_rcvids()
{
	local p=$1 rcvid info error
	declare -A count=()

	for rcvid in ${E_RCVIDS[$p]}; do
		e_ask "$p.s" "info $rcvid"
		info=${E_WORDS[1]:-nothing}
		e_ask "$p.s" "reply $rcvid 0 0 0"
		error=${E_WORDS[1]:-nothing}
		[ "$info" = "$error" ] || error="$info,$error"
		error=${E_ERRNO[$error]:-$error}
		count[$error]=$((${count[$error]:-0} + 1))
	done
	E_RESULTS=
	for error in "${!count[@]}"; do
		E_RESULTS+="${E_RESULTS:+ }$error*${count[$error]}"
	done
	E_RESULTS=${E_RESULTS:--}
}

# e_pulses PAIR COUNT: DISCONNECT pulses besides COUNT, up to a pulse behind
# all others
e_pulses()
{
	local p=$1 n=$2

	e_ask "$p.s" "notify ${E_SELF[$p]} 1 1 0"
	while e_ask "$p.s" "pulse ${E_CHID[$p]} 24" &&
	      [ "${E_WORDS[0]}" = 0 ] && [ "${E_WORDS[2]}" != 1 ]; do
		n=$((n + 1))
		e_ask "$p.s" "detach ${E_WORDS[4]}"
	done
	[ "${E_WORDS[0]}" = 0 ] || n="error ${E_WORDS[*]}"
	E_RESULTS=$n
	[ "${E_WORDS[0]}" = 0 ]
}

# e_server PAIR: it has been told that its client is gone, once
e_server()
{
	local p=$1 what=0

	e_hear "$p.s"
	e_since
	E_SMS[$p]=$E_MS
	if [ "${E_WORDS[2]}" = "$E_DISCONNECT" ]; then
		what=1
		[ "${E_WORDS[4]}" = "${E_SCOID[$p]}" ] || what="wrong scoid, 1"
	fi
	e_left "$p" "$what"
	e_ask "$p.s" "detach ${E_SCOID[$p]}"
	[ "${E_WORDS[0]}" = 0 ] || E_SERVER[$p]+="|detach ${E_WORDS[*]}"
}

# e_left PAIR COUNT: what a server finds in its channel, besides COUNT pulses
e_left()
{
	local p=$1

	e_rcvids "$p"
	E_SERVER[$p]=$E_RESULTS
	e_pulses "$p" "$2"
	E_SERVER[$p]="$E_RESULTS|${E_SERVER[$p]}"
	e_ask "$p.s" "poll ${E_CHID[$p]} 0"
	[ "${E_WORDS[0]}" = 0 ] && E_WORDS=(empty)
	E_SERVER[$p]+="|${E_WORDS[*]:-nothing}"
}

# e_serve_rest PAIR: the calls that were not received yet
e_serve_rest()
{
	local p=$1 kind=${E_KIND[$1]} i

	for ((i = ${E_TAKEN[$kind]}; i < ${E_THREADS[$kind]}; i++)); do
		e_serve "$p.s" "${E_CHID[$p]}" || return
	done
}

# ---- The table -----------------------------------------------------------------

# e_each N TEXT: TEXT for every one of N, "-" for none; in E_TEXT
e_each()
{
	[ "$1" -eq 0 ] && E_TEXT=- || E_TEXT="$2*$1"
}

# e_in MS LIMIT: "" is none that was measured; in E_TEXT
e_in()
{
	if [ -z "$1" ]; then
		E_TEXT="no time"
	elif [ "$1" -le "$2" ]; then
		E_TEXT="in time"
	else
		E_TEXT="late"
	fi
}

# e_seconds MS, in E_TEXT
e_seconds()
{
	if [ -z "$1" ]; then
		E_TEXT=-
	elif [ "$1" -lt 0 ]; then
		E_TEXT=before
	else
		printf -v E_TEXT '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
	fi
}

# e_row PAIR CAUSE WHERE CLIENT CMAX SERVER SMAX: one line of the table, and one
# result: that all the two ends got is what is documented, and came within so
# many milliseconds ("" if there is nothing to come). CLIENT is what is due: to
# each thread, COIDDEATH pulses of the two connections and others, the next send
# on each, a new connection at once, and one later. SERVER: DISCONNECT pulses,
# what each receive id got, the queue. "-": that end is gone.
e_row()
{
	local p=$1 kind=${E_KIND[$1]} c=$4 s=$6 each got

	if [ "$c" = - ]; then
		c="-|-|-|-|-"
	else
		e_each "${E_THREADS[$kind]}" "${c%%|*}"
		c="$E_TEXT|${c#*|}"
	fi
	if [ "$s" = - ]; then
		s="-|-|-"
	else
		each=${s#*|}
		e_each "${E_TAKEN[$kind]}" "${each%|*}"
		s="${s%%|*}|$E_TEXT|${s##*|}"
	fi
	got="${E_CLIENT[$p]:--|-|-|-|-}|${E_SERVER[$p]:--|-|-}"
	e_seconds "${E_CMS[$p]}"
	each=$E_TEXT
	e_seconds "${E_SMS[$p]}"
	printf '%s\n' "$2|$3|${E_THREADS[$kind]} $kind|$got|$each|$E_TEXT" >>"$E_ROWS"
	if [ -n "$5" ]; then
		e_in "${E_CMS[$p]}" "$5"
		got+="|$E_TEXT" s+="|in time"
	fi
	if [ -n "$7" ]; then
		e_in "${E_SMS[$p]}" "$7"
		got+="|$E_TEXT" s+="|in time"
	fi
	t_is "$2, $3, $kind" "$got" "$c|$s"
}

# e_print: the table
e_print()
{
	{
		printf '%s\n' "cause|where|blocked|threads got|COIDDEATH|next send|new one|then|DISCONNECT|rcvids|queue|client s|server s"
		cat "$E_ROWS"
	} | awk -F'|' '
		{
			for (i = 1; i <= NF; i++) {
				cell[NR, i] = $i
				if (length($i) > width[i])
					width[i] = length($i)
			}
			if (NF > columns)
				columns = NF
		}
		END {
			for (r = 1; r <= NR; r++) {
				line = ""
				for (i = 1; i <= columns; i++)
					line = line sprintf("%-*s  ", width[i], cell[r, i])
				sub(/ +$/, "", line)
				print line
			}
		}' >"$LAB_OUT/ends.txt"
	t_note "$(cat "$LAB_OUT/ends.txt")"
}

# ---- What both scripts do ------------------------------------------------------

e_build()
{
	make -s -C "$here/api" && make -s -C "$here/ends"
}

# e_spare NODE: a server that stands by for connections made later
e_spare()
{
	e_start "spare$1.s" "$1" "$E_BIN/api/server" 0 &&
		E_CHID[spare$1]=${E_WORDS[2]}
}

# e_then PAIR SPARE: the old connections go, and a new one works
e_then()
{
	e_detach "$1"
	e_fresh "$1" "$2"
}

# e_begin PAIR...: both ends are to wait
e_begin()
{
	local p

	for p in "$@"; do
		e_await "$p" 2 $E_WORST
		e_watch "$p"
	done
}

# e_lost PAIR...: what both ends got, up to new connections that do not come about
e_lost()
{
	local p

	for p in "$@"; do
		e_client "$p" 2
		e_next "$p"
		[ "${E_JOB[$p.s]}" ] && e_server "$p"
	done
	e_fresh_all "$@"
}

# e_rows SPARE CAUSE CLIENT SERVER MS PAIR...: the way is back; what both ends
# got, within so many milliseconds
e_rows()
{
	local spare=$1 cause=$2 client=$3 server=$4 max=$5 p

	shift 5
	for p in "$@"; do
		e_then "$p" "$spare"
		if [ "$server" = - ]; then
			e_row "$p" "$cause" remote "$client" "$max" - ""
		else
			e_row "$p" "$cause" remote "$client" "$max" "$server" \
				"$max"
		fi
	done
}

# e_limit PAIR MS: MS if it has threads to be released, in E_LIMIT
e_limit()
{
	[ "${E_KIND[$1]}" = idle ] && E_LIMIT= || E_LIMIT=$2
}

# e_none_left: no process that was begun here hangs
e_none_left()
{
	e_end "${!E_JOB[@]}"
	t_is "nobody is left blocked" "$E_STUCK" 0
}
