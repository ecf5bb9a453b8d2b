#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""blocked.py client|server THREADS TAKEN CLIENT SERVER MS NODE <JSON

Is what "qnetconfig -j -d vc show" tells of a client, or "channel show" of its
server, what it should be: THREADS calls, of which the server has received TAKEN,
for no longer than MS milliseconds?  CLIENT and SERVER are pids, NODE the name of
the other one's node, or 0.  Says what is not so.
"""

import json
import sys


def check(what, is_so):
    if not is_so:
        print(what)
        sys.exit(1)


def calls_of(records):
    return [call for rec in records for call in rec['calls']]


def check_calls(calls, threads, ms, states):
    """States: how many of each, or those of them that cannot be told apart"""
    check(f'{len(calls)} calls, not {threads}', len(calls) == min(threads, 32))
    check('a time that cannot be', all(0 <= c['ms'] <= ms for c in calls))
    check('a message of another size', all(c['bytes'] == 100 for c in calls))
    check('somebody wants out', not any(c['unblock'] for c in calls))
    if threads > 32:
        return
    seen = {}
    for call in calls:
        seen[call['state']] = seen.get(call['state'], 0) + 1
    check(f'states {seen}, not {states}', seen == states)


def client(records, threads, taken, pids, ms, node):
    mine = [r for r in records if r.get('local_pid') == pids[0] and
            'coid' in r and r['remote_pid'] == pids[1]]
    check(f'{len(mine)} connections', len(mine) == 2)
    for rec in mine:
        check('the name of the client', rec['comm'] == 'client')
        if node == '0':
            check('the name of the server', rec['remote_comm'] == 'server')
            check('it is local', rec['side'] == 'local' and rec['nd'] == 0)
        else:
            check('the node', rec['node'] == node and rec['side'] == 'client')
    check('the numbers of calls',
          sum(r['calls_under_way'] for r in mine) == threads)
    calls = calls_of(mine)
    if threads > 32:        # half of them on each connection
        check('who is blocked', len({c['tid'] for c in calls}) == threads)
    if node == '0':
        states = {'send': threads - taken, 'reply': taken}
    else:
        states = {'sent': threads}
    states = {s: n for s, n in states.items() if n}
    if threads <= 32:
        check_calls(calls, threads, ms, states)


def server(records, threads, taken, pids, ms, node):
    mine = [r for r in records if r.get('pid') == pids[1]]
    check(f'{len(mine)} channels', len(mine) == 1)
    rec = mine[0]
    check('the name of the server', rec['comm'] == 'server')
    check(f'the numbers of {rec}',
          (rec['held'], rec['queued']) == (taken, threads - taken))
    # It has one to itself.
    check(f'circuits of {rec}', rec['clients'] == 3)
    check('the flags', rec['flags'] == ['disconnect'])
    calls = rec['calls']
    check('the client', all(c['pid'] == pids[0] for c in calls))
    if node != '0':
        check('its node', all(c['node'] == node for c in calls))
    check('receive ids', len({c['rcvid'] for c in calls if 'rcvid' in c}) ==
          min(taken, 32))
    check_calls(calls, threads, ms, {s: n for s, n in
                (('send', threads - taken), ('reply', taken)) if n})


def main():
    what, threads, taken, one, other, ms, node = sys.argv[1:]
    records = json.load(sys.stdin)
    function = {'client': client, 'server': server}[what]
    function(records, int(threads), int(taken), (int(one), int(other)),
             int(ms), node)


main()
