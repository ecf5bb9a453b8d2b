#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""requests.py FAMILY: sock_diag requests, good and bad ones, as TAP lines

Wants at least one channel and one connection to be there.
"""

import errno
import socket
import struct
import sys

NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, SOCK_DESTROY = 4, 20, 21
NLMSG_ERROR, NLMSG_DONE = 2, 3
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
REQ, MSG = '=BBBBi2I', '=BBBBII2I'
FAMILY = int(sys.argv[1])


def request(family=FAMILY, protocol=0, kinds=0, show=0, pid=0, cookie=(0, 0)):
    return struct.pack(REQ, family, protocol, kinds, show, pid, *cookie)


def ask(payload, flags=NLM_F_DUMP, kind=SOCK_DIAG_BY_FAMILY):
    """The sockets that it brings as (msg, attributes), or an errno"""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG) as s:
        s.settimeout(20)
        s.send(struct.pack('=IHHII', 16 + len(payload), kind,
                           NLM_F_REQUEST | flags, 1, 0) + payload)
        found = []
        while True:
            data = s.recv(1 << 16)
            while data:
                length, what, flags_, _seq, _pid = struct.unpack_from('=IHHII', data)
                body = data[16:length]
                if what == NLMSG_ERROR:
                    return -struct.unpack_from('=i', body)[0]
                if what == NLMSG_DONE:
                    status = struct.unpack_from('=i', body)[0]
                    return -status if status else found
                size = struct.calcsize(MSG)
                found.append((struct.unpack_from(MSG, body), body[size:]))
                if not flags_ & 2:
                    return found
                data = data[(length + 3) & ~3:]


def attributes(data):
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from('=HH', data)
        found.setdefault(kind & 0x3fff, []).append(data[4:length])
        data = data[(length + 3) & ~3:]
    return found


count = 0


def result(name, good, note=''):
    global count
    count += 1
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    if not good:
        print(f'# {note}')


def main():
    everything = ask(request())
    kinds = {msg[1] for msg, _ in everything}
    result('all sockets', kinds >= {1, 2}, kinds)
    result('they are of the family', {m[0] for m, _ in everything} == {FAMILY})
    for kind in 1, 2:
        some = ask(request(kinds=1 << kind))
        result(f'those of kind {kind} only',
               some and {m[1] for m, _ in some} == {kind}, some)
    msg, data = ask(request(kinds=2, show=2))[0]
    result('what its memory is', len(attributes(data)[1][0]) >= 36)
    cookie = msg[6:8]
    one = ask(request(cookie=cookie), flags=0)
    result('one socket by its cookie', len(one) == 1 and one[0][0] == msg, one)
    pid = struct.unpack('=i', attributes(data)[2][0])[0]
    mine = ask(request(pid=pid))
    result('those of one process', mine and
           all(attributes(d)[2][0] == attributes(data)[2][0] for _, d in mine))
    result('of one that is not there', ask(request(pid=0x7fffffff)) == [])
    refused = [
        ('too short', request()[:-1], NLM_F_DUMP, errno.EINVAL),
        ('nothing but the family', request()[:2], NLM_F_DUMP, errno.EINVAL),
        ('a protocol', request(protocol=1), NLM_F_DUMP, errno.EINVAL),
        ('an unknown kind', request(kinds=8), NLM_F_DUMP, errno.EINVAL),
        ('unknown details', request(show=4), NLM_F_DUMP, errno.EINVAL),
        ('a negative pid', request(pid=-1), NLM_F_DUMP, errno.EINVAL),
        ('all, and a cookie', request(cookie=cookie), NLM_F_DUMP, errno.EINVAL),
        ('one, and no cookie', request(), 0, errno.EINVAL),
        ('a cookie of none', request(cookie=(1, 0x70000000)), 0, errno.ENOENT),
        ('any cookie', request(cookie=(0xffffffff, 0xffffffff)), 0, errno.EINVAL),
        ('a cookie, but of another kind', request(cookie=cookie, kinds=4), 0,
         errno.ENOENT),
    ]
    for name, payload, flags, err in refused:
        got = ask(payload, flags)
        result(f'refused: {name}', got == err, got)
    got = ask(request(cookie=cookie), NLM_F_ACK, SOCK_DESTROY)
    result('a socket cannot be destroyed', got == errno.EOPNOTSUPP, got)
    print(f'1..{count}')


main()
