# SPDX-License-Identifier: GPL-2.0-only
"""raw: requests of the netlink family byte by byte, good and bad ones.

No client of any library would send most of what the tests here send.
"""
import os
import socket
import struct

import yaml

SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                    "Documentation", "netlink", "specs", "qnet.yaml")

GENERIC, SOCK_DIAG = 16, 4
SOL_NETLINK, CAP_ACK, EXT_ACK = 270, 10, 11
ERROR, DONE = 2, 3
REQUEST, ACK, DUMP = 1, 4, 0x300
DUMP_INTR, CAPPED, ACK_TLVS = 0x10, 0x100, 0x200
MSG, OFFS, POLICY, MISS = 1, 2, 4, 5
GET_FAMILY, A_ID, A_NAME = 3, 1, 2
HEAD = "=IHHII"

count = failed = 0


def ok(good, name, *notes):
    global count, failed
    count += 1
    failed += not good
    print(f"{'' if good else 'not '}ok {count} - {name}", flush=True)
    for note in notes if not good else ():
        print("#", note)


def same(got, want, name):
    ok(got == want, name, f"got:  {got}", f"want: {want}")


def finish():
    print(f"1..{count}")
    return 1 if failed else 0


def attr(kind, payload):
    data = struct.pack("=HH", 4 + len(payload), kind) + payload
    return data + bytes(-len(data) % 4)


def u32(n):
    return struct.pack("=I", n)


def attrs_of(data):
    """Attributes by their numbers, the last of each."""
    found = {}
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            break
        found[kind & 0x3fff] = data[4:length]
        data = data[(length + 3) & ~3:]
    return found


def messages(data):
    """(type, flags, body) of each message."""
    while len(data) >= 16:
        length, kind, flags, _seq, _pid = struct.unpack_from(HEAD, data)
        yield kind, flags, data[16:length]
        data = data[(length + 3) & ~3:]


def numbered(entries, start=1):
    number = start
    for entry in entries:
        number = entry.get("value", number)
        yield entry, number
        number += 1


class Refused(Exception):
    """The kernel's no: its number, its sentence, and what it blames."""

    def __init__(self, number, tlvs):
        super().__init__(number)
        self.number = number
        self.text = tlvs.get(MSG, b"").rstrip(b"\0").decode()
        self.at = struct.unpack("=I", tlvs[OFFS])[0] if OFFS in tlvs else None
        self.missing = struct.unpack("=I", tlvs[MISS])[0] if MISS in tlvs else None


def check(kind, flags, body):
    """Raises what an ERROR, or a DONE, brings."""
    number = -struct.unpack_from("=i", body)[0] if len(body) >= 4 else 0
    if number <= 0:
        return
    tlvs = {}
    if flags & ACK_TLVS:
        skip = 4
        if kind == ERROR:
            skip = 20 if flags & CAPPED else 4 + struct.unpack_from("=I", body, 4)[0]
        tlvs = attrs_of(body[(skip + 3) & ~3:])
    raise Refused(number, tlvs)


class Conversation:
    """A socket, and one request at a time."""

    def __init__(self, protocol=GENERIC):
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol)
        self.sock.setsockopt(SOL_NETLINK, EXT_ACK, 1)
        self.sock.setsockopt(SOL_NETLINK, CAP_ACK, 1)
        self.sock.settimeout(60)
        self.seq = 0

    def send(self, kind, body, flags):
        self.seq += 1
        self.sock.send(struct.pack(HEAD, 16 + len(body), kind, REQUEST | flags,
                                   self.seq, 0) + body)

    def part(self, size=4096):
        """(bodies, was it torn, is it the end) of what comes next of a dump."""
        bodies, torn, end = [], False, False
        for kind, flags, body in messages(self.sock.recv(size)):
            torn |= bool(flags & DUMP_INTR)
            if kind in (ERROR, DONE):
                check(kind, flags, body)
                end = True
            else:
                bodies.append(body)
        return bodies, torn, end

    def ask(self, kind, body, flags=0):
        """The bodies of all answers."""
        self.send(kind, body, flags | (0 if flags & DUMP else ACK))
        answers, end = [], False
        while not end:
            bodies, _, end = self.part(1 << 16)
            answers += bodies
        return answers


class Family:
    """The family by its spec: numbers of commands and attributes."""

    def __init__(self):
        with open(SPEC, encoding="utf-8") as file:
            # The one in Python takes seconds where all is emulated.
            self.spec = yaml.load(file, getattr(yaml, "CSafeLoader",
                                                yaml.SafeLoader))
        self.cmds = {o["name"]: n for o, n in
                     numbered(self.spec["operations"]["list"])}
        self.ops = {o["name"]: o for o in self.spec["operations"]["list"]}
        self.sets = {s["name"]: {a["name"]: (n, a) for a, n in
                                 numbered(s["attributes"])}
                     for s in self.spec["attribute-sets"]}
        talk = Conversation()
        body = struct.pack("=BBH", GET_FAMILY, 1, 0) + \
            attr(A_NAME, self.spec["name"].encode() + b"\0")
        answer = talk.ask(16, body)[0]
        self.id = struct.unpack("=H", attrs_of(answer[4:])[A_ID])[0]

    def head(self, op):
        return struct.pack("=BBH", self.cmds[op], self.spec["version"], 0)

    def number(self, op, name):
        return self.sets[self.ops[op]["attribute-set"]][name][0]

    def ask(self, op, attrs=b"", flags=0, talk=None):
        """Attributes of each answer, by their numbers."""
        talk = talk or Conversation()
        return [attrs_of(body[4:]) for body in
                talk.ask(self.id, self.head(op) + attrs, flags)]

    def put(self, op, **values):
        data = b""
        for name, value in values.items():
            number = self.number(op, name.replace("_", "-"))
            if isinstance(value, int):
                value = u32(value)
            elif isinstance(value, str):
                value = value.encode() + b"\0"
            data += attr(number, value)
        return data
