#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The calls of libqnet, client and server on one node.
#
# lab: -n 1 -m netns
# kernels: stock debug
# timeout: 900
# batch: yes
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
. "$here/lab/tap.sh"
. "$here/api/run.sh"

unset QNET_TEST_ND QNET_TEST_AGENT
t_ok "test programs are built" api_build
for prog in $(api_programs); do
	api_run "$prog" on 1 "$API/$prog"
done
done_testing
