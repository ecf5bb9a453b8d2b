#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Runs the module's KUnit suites: the kernel does at insmod, and reports on
# the console, which selftests/check reads. Started with -b.

set -e
insmod "$QNET_KO"
rmmod qnet
