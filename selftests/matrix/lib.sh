# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For scripts that put traffic of selftests/matrix on the cable: servers on
# node 2, clients on node 1. Wants $here, and lab/tap.sh.

MATRIX=${LAB_REPO:-$(readlink -f "$here/..")}/build/selftests/matrix/matrix
M_DIR=$(mktemp -d)
M_AT=$M_DIR/at
M_SLOW=1
M_EXACT=1	# each call that was served is known to its client
M_NODE=n2	# as netmgr_strtond() takes it
M_MAY=	# errors that are none, as "EHOSTDOWN,ESRCH"
[ "$LAB_KERNEL" != debug ] || M_SLOW=4

# A moment when it is built already, as "make check" does beforehand.
m_build()
{
	make -s -C "$here/matrix"
}

# For users other than root: where the repository lies under /root only root can
# get at it.
m_public()
{
	local lib

	lib=$(ldd "$MATRIX" | awk '/libqnet/ { print $3 }')
	chmod 755 "$M_DIR"
	cp "$MATRIX" "$lib" "$M_DIR" || return
	MATRIX=$M_DIR/matrix
	export LD_LIBRARY_PATH="$M_DIR"
}

# m_serve ARGS...: servers on node 2
m_serve()
{
	m_end_servers
	on -d 2 sh -c "echo \$\$ >$M_DIR/pid; exec $MATRIX serve $* $M_AT \
		2>>$M_DIR/server.err"
	t_eventually 60 test -s "$M_AT"
}

m_end_servers()
{
	rm -f "$M_AT"
	[ ! -e "$M_DIR/pid" ] || on 2 kill "$(cat "$M_DIR/pid")" 2>/dev/null
	rm -f "$M_DIR/pid"
}

# Peers that forget all they knew of each other, and servers without a past
m_fresh()
{
	local n m

	for n in 1 2; do
		m=$((3 - n))
		on $n qnetconfig peer del n$m
		on $n qnetconfig peer add n$m any
	done >/dev/null
	m_serve "$@"
}

# m_word NAME LINE: the number behind NAME in what matrix printed
m_word()
{
	[[ " $2 " =~ " $1 "([0-9.]+) ]] && echo "${BASH_REMATCH[1]}"
}

# m_call ARGS...: clients on node 1; sets M_OUT and M_STATUS
m_call()
{
	M_STATUS=0
	M_OUT=$(on 1 "$MATRIX" call -e "$M_MAY" "$@" "$M_NODE" "$M_AT" 2>"$M_DIR/client.err") ||
		M_STATUS=$?
}

# m_begin ARGS...: the same in the background, until m_end
m_begin()
{
	rm -f "$M_DIR/stop"
	on 1 "$MATRIX" call -q "$M_DIR/stop" -e "$M_MAY" "$@" "$M_NODE" "$M_AT" \
		>"$M_DIR/client.out" 2>"$M_DIR/client.err" &
	M_JOB=$!
}

m_running()
{
	kill -0 "$M_JOB" 2>/dev/null
}

m_end()
{
	touch "$M_DIR/stop"
	M_STATUS=0
	wait "$M_JOB" || M_STATUS=$?
	M_OUT=$(cat "$M_DIR/client.out")
}

# m_verdict NAME [CALLS]: one result of what m_call or m_end brought, and of
# what the servers saw, M_SEEN. At least so many calls; each was served once.
m_verdict()
{
	local name=$1 least=${2:-1} status=0 calls

	M_SEEN=$(on 2 "$MATRIX" show -r -e "$M_MAY" "$M_AT") || status=1
	calls=$(m_word calls "$M_OUT")
	[ "$M_STATUS" -eq 0 ] || status=1
	[ "${calls:-0}" -ge "$least" ] || status=1
	# A call that failed may have been served.
	if [ -n "$M_EXACT" ] && [ "$(m_word errors "$M_OUT")" = 0 ]; then
		[ "$calls" = "$(m_word calls "$M_SEEN")" ] || status=1
	fi
	t_result $status "$name"
	t_note "$M_OUT"
	[ $status -eq 0 ] || t_note "$M_SEEN"$'\n'"$(
		grep -v ' s: ' "$M_DIR/client.err" | head -n 20)"$'\n'"$(
		head -n 20 "$M_DIR/server.err")"
	: >"$M_DIR/server.err"
	return $status
}

# m_stat NODE NAME: a counter of the module
m_stat()
{
	on "$1" awk -v n="$2" '$1 == n { print $2 }' /proc/net/qnet/stats </dev/null
}

# m_kmalloc: bytes that kmalloc has given out, to whomever they are charged, and
# our own caches
m_kmalloc()
{
	local f

	for f in /sys/kernel/slab/kmalloc-*/shrink \
		 /sys/kernel/slab/qnet_*/shrink; do
		echo 1 >"$f"
	done 2>/dev/null
	awk '$1 ~ /^(kmalloc-(cg-)?[0-9k]+|qnet_.*)$/ { n += $2 * $4 }
		END { print n }' /proc/slabinfo
}

# m_no_circuits: none is left on the two nodes, or they are printed
m_no_circuits()
{
	local left

	left=$(on 1 qnetconfig vc </dev/null; on 2 qnetconfig vc </dev/null)
	[ -z "$left" ] || { echo "$left"; return 1; }
}

# m_conns: connections there are, of both nodes
m_conns()
{
	local n

	for n in 1 2; do
		echo $(($(m_stat $n tx_conn_created) - $(m_stat $n tx_conn_deleted) +
			$(m_stat $n rx_conn_created) - $(m_stat $n rx_conn_deleted)))
	done | paste -s -d ' '
}

# m_links COMMAND...: once for each cable, its name put behind the node
m_links()
{
	local l cmd=$1 node=$2

	shift 2
	for ((l = 0; l < LAB_LINKS; l++)); do
		"$cmd" "$node" "q$l" "$@" || return
	done
}

# m_wire [NETEM-ARGS...]: between the cables and the nodes, both ways, so that the
# capture has all frames as they were sent; good again without arguments. In the
# place of what "impair" does there.
m_wire()
{
	local l n

	for ((l = 0; l < LAB_LINKS; l++)); do
		for n in 1 2; do
			if [ $# -gt 0 ]; then
				lab_wire tc qdisc replace dev "n${n}q$l" root \
					netem "$@" || return
			else
				lab_wire tc qdisc del dev "n${n}q$l" root \
					2>/dev/null
			fi
		done
	done
	return 0
}

# m_ip NODE ARGS...: without a detour where that is possible
m_ip()
{
	local node=$1

	shift
	if [ "$LAB_MODE" = netns ]; then
		ip -n "n$node" "$@"
	else
		on "$node" ip "$@"
	fi
}

# m_mtu BYTES [DEV]
m_mtu()
{
	local n l

	for n in 1 2; do
		for ((l = 0; l < LAB_LINKS; l++)); do
			[ -n "$2" ] && [ "$2" != q$l ] ||
				m_ip $n link set q$l mtu "$1"
		done
	done
}
