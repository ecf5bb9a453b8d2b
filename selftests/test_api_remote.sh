#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The same calls as test_api_local.sh, the server on another node.
#
# lab: -n 2 -m netns
# kernels: stock 6.12 debug
# timeout: 900
# batch: yes
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/api/run.sh"

t_ok "test programs are built" api_build
api_agent 2
t_ok "the agent runs" test -n "$AGENT"
for prog in $(api_programs); do
	api_run "$prog" on 1 env QNET_TEST_ND=n2 QNET_TEST_AGENT="$AGENT" \
		"$API/$prog"
done
done_testing
