# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What the tests of the watchdog share; source it after tap.sh.
# shellcheck disable=SC2154

W=$LAB_REPO/build/selftests/watchdog
W_TRACE=/sys/kernel/tracing
VM=$LAB_REPO/build/selftests/vm

w_build()
{
	make -s -C "$LAB_REPO/selftests/watchdog" &&
		make -s -C "$LAB_REPO/selftests/vm"
}

# w_serve: the server on node 2, until it says that it is there
w_serve()
{
	rm -f "$LAB_OUT/at"
	on -d 2 "$VM/echo" echo "$LAB_OUT/at"
	t_eventually 60 test -s "$LAB_OUT/at"
}

# w_client COUNT [NODE SERVER]: "circuits" on node 1, for w_tell and w_line
w_client()
{
	coproc W_CLIENT { on 1 "$W/circuits" "${2:-n2}" "${3:-echo}" "$1" 2>&1; }
}

w_tell()
{
	printf '%s\n' "$*" >&"${W_CLIENT[1]}"
}

# w_line SECONDS: its next line
w_line()
{
	line=
	# Its descriptors go with it.
	[ -n "${W_CLIENT[0]-}" ] || return 1
	read -r -t "$1" line <&"${W_CLIENT[0]}"
}

# w_close: ends it; the lines it had left are read
w_close()
{
	local to=${W_CLIENT[1]}

	exec {to}>&-
	until ! w_line 120 || [ "$line" = closed ]; do :; done
}

# w_stat NODE NAME: a counter
w_stat()
{
	on "$1" awk -v name="$2" '$1 == name { print $2 }' /proc/net/qnet/stats </dev/null
}

# w_node NODE KEY: what NODE knows of the other one
w_node()
{
	on "$1" qnetconfig -j node show n$((3 - $1)) </dev/null |
		python3 -c 'import json, sys
print(json.load(sys.stdin)[0][sys.argv[1]])' "$2"
}

w_node_is()
{
	[ "$(w_node "$1" "$2")" = "$3" ]
}

w_ms()
{
	echo $(($(date +%s%N) / 1000000))
}

# w_frames SECONDS PERIOD: no more than two frames, each way, in a period of so
# many milliseconds, but some
w_frames()
{
	local from f1 f2 periods

	from=$(w_ms) f1=$(w_stat 1 tx_frames) f2=$(w_stat 2 tx_frames)
	sleep "$1"
	f1=$(($(w_stat 1 tx_frames) - f1)) f2=$(($(w_stat 2 tx_frames) - f2))
	periods=$((($(w_ms) - from) / $2 + 1))
	t_note "frames in $periods periods: $f1 from n1, $f2 from n2"
	t_ok "two frames in a period, at most, each way" \
		test $f1 -le $((2 * periods)) -a $f2 -le $((2 * periods))
	t_ok "and some" test $f1 -gt 0 -a $f2 -gt 0
}

# w_set ARG...: of both nodes
w_set()
{
	on 1 qnetconfig watchdog set "$@" </dev/null &&
		on 2 qnetconfig watchdog set "$@" </dev/null
}

# w_ids NODE COUNT: ids of so many of the circuits that NODE has with the other
w_ids()
{
	on "$1" qnetconfig -j vc show state up </dev/null |
		python3 -c 'import json, random, sys
ids = [vc["id"] for vc in json.load(sys.stdin)]
print(*random.Random(1).sample(ids, int(sys.argv[1])))' "$2"
}

# w_lose NODE SIDE ID...: that end of those circuits is lost on NODE, and the other
# node hears nothing of it. What happens to circuits is traced from now on.
w_lose()
{
	local node=$1 side=$2

	shift 2
	mount -t tracefs none $W_TRACE 2>/dev/null || :
	echo >$W_TRACE/trace
	echo 1 >$W_TRACE/events/qnet/qnet_vc/enable || return
	printf "vc kill %s node n$((3 - node)) side $side quiet\n" "$@" |
		on "$node" qnetconfig -b -
}

# w_mark WORD: into the trace
w_mark()
{
	echo "$1" >$W_TRACE/trace_marker
}

# w_at PATTERN: when that was traced last, in ms of the nodes' own clock
w_at()
{
	awk -v pattern="$1" '$0 ~ pattern {
		match($0, /[0-9]+\.[0-9]+:/)
		at = substr($0, RSTART, RLENGTH - 1)
	}
	END { printf "%.0f", at * 1000 }' $W_TRACE/trace
}

# w_found: of how many circuits both ends died since w_lose, one after the other; how
# many ms the second took at most; and how many there were between the first such and
# the last: by the nodes' clock alone, for a tool may wait for the host before it
# does anything.
w_found()
{
	echo 0 >$W_TRACE/events/qnet/qnet_vc/enable
	awk '/state=dead/ {
		match($0, /[0-9]+\.[0-9]+: qnet_vc/)
		at = substr($0, RSTART, RLENGTH - 9)
		match($0, / id=[^ ]+/)
		id = substr($0, RSTART, RLENGTH)
		if (!(id in lost)) {
			lost[id] = at
			next
		}
		took = at - lost[id]
		if (took > longest)
			longest = took
		if (!n++)
			first = at
		last = at
	}
	END { if (n) printf "%d %d %d\n", n, longest * 1000, (last - first) * 1000 }' \
		$W_TRACE/trace
}
