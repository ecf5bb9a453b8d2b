#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The netlink family, from its spec alone: the kernel's own client (tools/net/ynl
# of 6.12) reads Documentation/netlink/specs/qnet.yaml and uses every operation
# in it. See ynl/drive.
#
# lab: -n 2 -m netns -l 2
# kernels: stock
# timeout: 120
# shellcheck source-path=SCRIPTDIR source=lab/tap.sh

here=$LAB_REPO/selftests
. "$here/lab/tap.sh"
# shellcheck source=watchdog/lib.sh
. "$here/watchdog/lib.sh"

ynl=$LAB_REPO/build/ynl

if [ ! -e "$ynl/tools/net/ynl" ]; then
	echo "1..0 # SKIP no source of Linux 6.12 (make tests fetches it)"
	exit
fi
if ! python3 -c 'import yaml, jsonschema'; then
	echo "1..0 # SKIP python3-yaml or python3-jsonschema is missing"
	exit
fi

w_build || exit
w_serve || exit
on 1 python3 "$here/ynl/drive" "$ynl" \
	"$LAB_REPO/Documentation/netlink/specs/qnet.yaml" "$W/circuits" "$VM/echo"
