#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What qnetconfig shows of a network that is at work: topology as a drawing, as
# JSON and as a picture; netmap, netpoll, top; completion with names of nodes.
# Networks that nobody has are the matter of unit/views.
#
# lab: -n 3 -m netns -l 2
# kernels: stock
# timeout: 200
# batch: yes
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh source=matrix/lib.sh

here=${LAB_REPO:-$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")}/selftests
. "$here/lab/tap.sh"
. "$here/matrix/lib.sh"

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"; rm -rf "$M_DIR"' EXIT
export LC_ALL=C.UTF-8

qc()
{
	on 1 env LC_ALL="$LC_ALL" qnetconfig "$@" </dev/null
}

# ask EXPRESSION CMD...: what python makes of the JSON that CMD prints, j
ask()
{
	local what=$1

	shift
	"$@" | python3 -c "import json, sys; j = json.load(sys.stdin); print($what)"
}

# t_error NAME STATUS REGEX CMD...: fails with that status and sentence
t_error()
{
	local name=$1 want=$2 regex=$3 out status=0

	shift 3
	out=$("$@" 2>&1 >/dev/null </dev/null) || status=$?
	t_like "$name" "$status $out" "^$want Error: $regex\$"
}

nobody=(on 1 setpriv --reuid 65534 --regid 65534 --clear-groups
	--bounding-set=-all --inh-caps=-all)

# ---- now and then a call from n1 to n2; n3 is known, and no more ----------------

t_ok "the programs build" m_build
m_serve -m 1
qc node resolve n3 >/dev/null
# Of several links each is probed, by which its round trip is known.
m_begin -k 2 -S 1000 -i 1000 -T 150
# shellcheck disable=SC2317
probed()
{
	[ "$(ask 'any("rtt_us" in l for l in j)' qc -j link)" = True ]
}
t_ok "the links work, and are probed" t_eventually 60 probed

# ---- topology ------------------------------------------------------------------

qc topology >"$tmp/drawing"
t_note "$(cat "$tmp/drawing")"
t_like "topology: the title" "$(head -1 "$tmp/drawing")" \
	'^(domain [^ ]+: )?3 nodes, [23] up, [0-9]+ circuits?$'
t_is "topology: this node is there once" "$(grep -c 'this node' "$tmp/drawing")" 1
for word in '│ n1 ' '│ n2 ' '│ n3 ' 'q0 up' 'rtt [0-9]' 'loss [0-9<]' 'watchdog up'; do
	t_ok "topology: $word" grep -q "$word" "$tmp/drawing"
done
t_is "topology: no line has more than 80 columns" \
	"$(python3 -c 'import sys; print(max(len(l.rstrip("\n")) for l in sys.stdin) > 80)' \
		<"$tmp/drawing")" False
t_is "topology: ASCII in the C locale" \
	"$(LC_ALL=C qnetconfig -n n1 topology | LC_ALL=C grep -c '[^ -~]')" 0
t_is "topology: JSON has the nodes of node" \
	"$(ask 'sorted(n["name"] for n in j[0]["nodes"])' qc -j topology)" \
	"$(ask 'sorted(n["name"] for n in j)' qc -j node)"
t_is "topology: and the links of link" \
	"$(ask 'sorted(l["lladdr"] for n in j[0]["nodes"] for l in n["links"])' \
		qc -j topology)" \
	"$(ask 'sorted(l["lladdr"] for l in j)' qc -j link)"
t_is "topology: by a unique prefix" "$(ask 'len(j)' qc -j topol)" 1
t_like "topology help" "$(qc topology help)" 'Usage: qnetconfig topology show'
t_error "topology: unknown command" 1 \
	'unknown command "foo"; type: qnetconfig topology help\.' qc topology foo
t_is "topology: also for users" \
	"$("${nobody[@]}" qnetconfig -j topology | head -c 1)" "["

qc topology dot >"$tmp/dot"
t_ok "topology dot: Graphviz draws it" dot -Tpng -o "$tmp/png" "$tmp/dot"
t_is "topology dot: a picture of sensible size" "$(python3 -c 'import struct, sys
d = open(sys.argv[1], "rb").read()
w, h = struct.unpack(">II", d[16:24])
print(d[:4] == b"\x89PNG" and 200 < w < 4000 and 100 < h < 4000)' "$tmp/png")" True
[ -z "$LAB_OUT" ] || cp "$tmp/dot" "$LAB_OUT/topology.dot"
t_error "topology dot: no JSON" 1 \
	'dot is no JSON; type: qnetconfig topology dot\.' qc -j topology dot

# ---- netmap, netpoll -------------------------------------------------------------

for n in 1 2 3; do
	mac=$(on $n cat /sys/class/net/q0/address </dev/null)
	t_is "netmap: the address of n$n" \
		"$(ask "[r['bearer'] for r in j if r['lladdr'] == '$mac']" qc -j netmap)" \
		"['q0']"
done
t_is "netmap: LANs by their numbers" \
	"$(ask "[(r['lan'], r['bearer']) for r in j if r['self']]" qc -j netmap)" \
	"$(ask "[(i + 1, b['dev']) for i, b in enumerate(j)]" qc -j bearer)"
t_like "netmap: text" "$(qc netmap)" \
	$'\n'' +0 +[12] [0-9a-f:]{17} +- +-  q[01] +n1\*'$'\n'
t_ok "netmap: frames went to n2" test \
	"$(ask 'sum(r.get("tx_frames", 0) for r in j)' qc -j netmap)" -gt 0

t_ok "netpoll: QNX 4's example of fast detection" qc netpoll -p 2 -i 2 -r 5
t_is "netpoll: it is the watchdog's" "$(qc watchdog | head -1 | cut -d ' ' -f 2-5,8-9)" \
	"poll-period 2s idle-time 2s num-polls 5"
t_like "netpoll: shows it" "$(qc netpoll | head -1)" \
	'^all +-i 2s +-p 2s +-r 5 +given up after 10s$'
t_ok "netpoll: of one node" qc netpoll -n n3 -r 9
t_like "netpoll: shows one node" "$(qc netpoll -n n3)" '^n3[^ ]* +-i 2s +-p 2s +-r 9 +'
t_like "netpoll: and the other has what all have" "$(qc netpoll -n n2)" ' -r 5 '
t_is "netpoll: JSON" "$(ask 'j[0]["num_polls"]' qc -j netpoll -n n3)" 9
t_error "netpoll: unknown node" 2 'qnet: no such peer.*' qc netpoll -n nobody
t_error "netpoll: out of range" 2 'qnet: .*' qc netpoll -r 101
t_error "netpoll: no time" 1 '"x" is not a time for -i .*' qc netpoll -i x
t_error "netpoll: no value" 1 '-r needs a value: NUM_RETRIES\.' qc netpoll -r
t_error "netpoll: only CAP_NET_ADMIN may set it" 2 \
	'qnet: Operation not permitted, it takes CAP_NET_ADMIN.*' \
	"${nobody[@]}" qnetconfig netpoll -r 3

# ---- top ---------------------------------------------------------------------------

m_end
m_begin -k 3 -S 65536 -i 20 -T 150
# shellcheck disable=SC2317
circuits()
{
	[ "$(ask 'len(j)' qc -j vc)" -ge 2 ]
}
t_ok "there is traffic" t_eventually 60 circuits
qc -j top -n 1 -d 2 >"$tmp/top"
t_is "top: three nodes" \
	"$(ask '[(r["self_name"], r["nodes"]) for r in j if r["kind"] == "all"]' cat "$tmp/top")" \
	"[('n1', 3)]"
t_is "top: messages and frames go" \
	"$(ask 'j[0]["msgs_per_s"] > 1 and j[0]["frames_per_s"] > 1' cat "$tmp/top")" True
t_is "top: the frames of n2 are among them" \
	"$(ask '[r["name"] for r in j if r["kind"] == "node" and r.get("tx_frames_per_s", 0) > 1]' \
		cat "$tmp/top")" "['n2']"
t_is "top: circuits by their rates" \
	"$(ask '(lambda r: len(r) > 1 and r == sorted(r, reverse=True) and r[0] > 0)(
		[v["tx_msgs_per_s"] + v["rx_msgs_per_s"] for v in j
		 if v["kind"] == "vc" and "tx_msgs_per_s" in v])' cat "$tmp/top")" True
t_is "top: whose circuits they are" \
	"$(ask '{open("/proc/%d/comm" % v["local_pid"]).read() for v in j
		 if v["kind"] == "vc" and v["side"] == "client"}' cat "$tmp/top")" \
	"{'matrix\\n'}"
qc top -b -n 2 -d 0.2 >"$tmp/text"
t_is "top -b: two samples" "$(grep -c '^messages/s [0-9]' "$tmp/text")" 2
t_is "top -b: no control characters" "$(grep -c $'[\x01-\x08\x0b-\x1f]' "$tmp/text")" 0
t_is "top -b: also for users" \
	"$("${nobody[@]}" qnetconfig top -b -n 1 -d 0.1 | grep -c '^CIRCUIT')" 1
t_error "top: no terminal" 1 'this is no terminal; type: qnetconfig top -b\.' qc top
t_error "top: a time too short" 1 '-d is 0\.1 seconds or more\.' qc top -b -d 0.01
t_like "top help" "$(qc top help)" 'Usage: qnetconfig top \[ -d SECS \]'

# On a terminal, by the very names that unit/views has
while read -r line; do
	case $line in
	"ok "*) t_result 0 "${line#* - }" ;;
	"not ok "*) t_result 1 "${line#* - }" ;;
	"#"*) echo "$line" ;;
	1..*) end=yes ;;
	esac
done < <(/usr/bin/python3 -B "$here/views/terminal.py" n1 qnetconfig -n n1 top -d 0.5 2>&1)
t_is "top: the terminal came to its end" "${end:-no}" yes

# ---- a node that goes ----------------------------------------------------------------

t_ok "netpoll: soon missed" qc netpoll -n n2 -p 0.1 -i 0.1 -r 3
# shellcheck disable=SC2317
gone()
{
	[ "$(ask '[n["state"] for n in j[0]["nodes"] if n["name"] == "n2"]' \
		qc -j topology)" != "['up']" ]
}
t_fail "topology: n2 is up" gone
cut 2
cut 2 q1
t_ok "topology: a node that is gone is not" t_eventually 60 gone
mend 2
mend 2 q1
m_end
m_end_servers

# ---- completion -------------------------------------------------------------------------

# shellcheck disable=SC2016
t_is "completion: names of nodes, in that namespace" "$(bash -c '
	. "$0"; COMP_WORDS=(qnetconfig -n n1 node resolve ""); COMP_CWORD=5
	_qnetconfig; echo "${COMPREPLY[@]}"' \
	"$LAB_REPO/build/stage/share/bash-completion/completions/qnetconfig")" "n1 n2 n3"

t_like "colours" "$(qc -c node)" $'\e''\[3[0-9]m'
t_is "colours: JSON has none" "$(qc -c -j node | grep -c $'\e')" 0

# As the lab made them
qc watchdog set node n2 inherit
qc watchdog set node n3 inherit
qc netpoll -p 1 -i 1 -r 3
done_testing
