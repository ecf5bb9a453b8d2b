# shellcheck shell=bash disable=SC2034,SC2154
# SPDX-License-Identifier: GPL-2.0
#
# For test_api_*.sh: building and running the programs of selftests/api.

API=${LAB_REPO:-$(readlink -f "$here/..")}/build/selftests/api
AGENT=
[ "$LAB_KERNEL" != debug ] || export QNET_TEST_SLOW=4

# A moment when they are built already, as "make check" does beforehand.
api_build()
{
	make -s -C "$here/api"
}

api_programs()
{
	local f

	for f in "$here"/api/t_*.c; do
		f=${f##*/t_}
		echo "${f%.c}"
	done
}

# api_agent N: start the agent on a node and learn its address
api_agent()
{
	local file=/tmp/agent.$1

	on -d "$1" sh -c "exec '$API/agent' > $file"
	t_eventually 30 test -s "$file" || return
	read -r AGENT < "$file"
}

# api_run PROG CMD...: take over the results of a program
api_run()
{
	local prog=$1 line end=

	shift
	while IFS= read -r line; do
		case $line in
		"not ok "*)
			t_result 1 "${line#* - }" ;;
		"ok "*" # SKIP"*)
			line=${line#* - }
			t_skip "${line%% # SKIP*}" "${line##*# SKIP }" ;;
		"ok "*)
			t_result 0 "${line#* - }" ;;
		"1.."*)
			end=1 ;;
		"#"*)
			echo "$line" ;;
		esac
	done < <("$@" 2>&1)
	[ "$end" ] || t_result 1 "$prog: came to its end"
}
