# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# TAP for test scripts. Source it; then
#
#	plan 4				how many tests there are (or call done_testing
#					at the end)
#	t_ok "what" CMD...		passes when CMD succeeds
#	t_fail "what" CMD...		passes when CMD fails, by itself (not by a signal)
#	t_is "what" GOT WANT		passes when the two are equal
#	t_like "what" GOT REGEX		passes when GOT matches the extended REGEX
#	t_skip "what" WHY		counts as skipped
#	t_eventually SECONDS CMD...	succeeds as soon as CMD does; polls
#	done_testing			prints the plan if there was none, and ends the
#					script with 1 if a test failed, else 0
#
# A command that fails prints its output and status as comments.

T_COUNT=0
T_FAILED=0
T_PLAN=
echo "TAP version 13"

plan()
{
	T_PLAN=$1
	echo "1..$1"
}

t_note()
{
	printf '%s\n' "$*" | sed 's/^/# /'
}

t_result()
{
	local status=$1 name=$2

	T_COUNT=$((T_COUNT + 1))
	if [ "$status" -eq 0 ]; then
		echo "ok $T_COUNT - $name"
	else
		T_FAILED=$((T_FAILED + 1))
		echo "not ok $T_COUNT - $name"
	fi
}

t_ok()
{
	local name=$1 out status=0

	shift
	out=$("$@" 2>&1) || status=$?
	t_result "$status" "$name"
	[ "$status" -eq 0 ] || t_note "status $status of: $*"$'\n'"$out"
}

t_fail()
{
	local name=$1 out status=0

	shift
	out=$("$@" 2>&1) || status=$?
	if [ "$status" -gt 0 ] && [ "$status" -lt 124 ]; then
		t_result 0 "$name"
	else
		t_result 1 "$name"
		t_note "status $status, a failure was expected, of: $*"$'\n'"$out"
	fi
}

t_is()
{
	if [ "$2" = "$3" ]; then
		t_result 0 "$1"
	else
		t_result 1 "$1"
		t_note "got:  $2"$'\n'"want: $3"
	fi
}

t_like()
{
	if [[ $2 =~ $3 ]]; then
		t_result 0 "$1"
	else
		t_result 1 "$1"
		t_note "got:       $2"$'\n'"not like:  $3"
	fi
}

t_skip()
{
	T_COUNT=$((T_COUNT + 1))
	echo "ok $T_COUNT - $1 # SKIP $2"
}

t_eventually()
{
	local end=$((SECONDS + $1))

	shift
	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { "$@"; return; }
		read -r -t 0.1 <> <(:) || :
	done
}

done_testing()
{
	if [ -z "$T_PLAN" ]; then
		echo "1..$T_COUNT"
	elif [ "$T_PLAN" -ne "$T_COUNT" ]; then
		t_note "$T_PLAN tests were planned, $T_COUNT were run"
		exit 1
	fi
	[ "$T_FAILED" -eq 0 ]
	exit
}
