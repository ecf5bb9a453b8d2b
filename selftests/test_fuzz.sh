#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Wild and honest calls side by side: fuzz/sockfuzz.sh for some seconds each,
# always with the same seed. "make soak" has the long form.
#
# lab: -n 2 -m netns
# kernels: stock
# timeout: 240
# shellcheck disable=SC2154

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
export SEED=${SEED:-1}
exec "$here/fuzz/sockfuzz.sh"
