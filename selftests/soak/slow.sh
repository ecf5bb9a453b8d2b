#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A way that is slow is none that is broken: a message of 3 MiB over a cable of
# 50 KiB a second, with a queue of two seconds, takes more than a minute, and
# arrives. In the lab with -n 2.
#
# shellcheck source-path=SCRIPTDIR source=../lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..
. "$here/lab/tap.sh"

stream=${LAB_REPO:-$(readlink -f "$here/..")}/build/selftests/stream/stream
at=$(mktemp -d)/at
size=$((3 << 20))

# call BYTES REPLY HOW: in 300 s
call()
{
	on 1 "$stream" call -t 300 n2 "$at" "$@" 2>&1
}

t_ok "the program is built" make -s -C "$here/stream"
on -d 2 "$stream" serve "$at"
t_ok "the server is up" t_eventually 30 test -s "$at"
for n in 1 2; do
	impair $n q0 rate 400kbit limit 60
done
from=$SECONDS
t_like "a long message" "$(call $size 100 reply)" "^sent $size replied 100 "
t_ok "takes as long as it takes" test $((SECONDS - from)) -gt 55
done_testing
