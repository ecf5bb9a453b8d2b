#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What qnetconfig shows of a network that is at work: topology as a drawing, as
# JSON and as a picture.
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

m_end
m_end_servers

t_like "colours" "$(qc -c node)" $'\e''\[3[0-9]m'
t_is "colours: JSON has none" "$(qc -c -j node | grep -c $'\e')" 0

done_testing
