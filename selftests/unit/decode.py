# SPDX-License-Identifier: GPL-2.0-only
"""What the scripts here that ask tshark have in common.

kif_random builds random packets and says what it put in; tshark reads them.
BUILD is where the programs are, SEED what the packets are made of.
"""
import collections
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("BUILD", HERE.parents[1] / "build/unit"))
RANDOM = BUILD / "lib/kif_random"
SEED = os.environ.get("SEED", "20")
FLAGGED = "_ws.malformed or _ws.expert"


class Tap:
    """Counts and prints."""

    def __init__(self):
        self.count = self.failed = 0
        print("TAP version 13")

    def result(self, ok, name, notes=()):
        self.count += 1
        self.failed += not ok
        print("%sok %d - %s" % ("" if ok else "not ", self.count, name))
        for note in list(notes)[:20] if not ok else ():
            print("#", note)

    def end(self):
        print("1..%d" % self.count)
        return 1 if self.failed else 0


def ask(home, *args):
    """The lines that tshark prints.  Nothing of the user's is loaded."""
    done = subprocess.run(
        ["tshark", *args], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, errors="replace", check=True,
        env={**os.environ, "TZ": "UTC", "HOME": home})
    return done.stdout.splitlines()


def tshark(pcap, *args):
    return ask(os.path.dirname(pcap), "-n", "-r", pcap, *args)


def make(kind, number, *out):
    subprocess.run([RANDOM, kind, str(number), SEED, *out], check=True)


def same(want, got):
    """Numbers agree as 32 bits, or as many as the field has."""
    got = {"True": "1", "False": "0"}.get(got, got)
    if want == got:
        return True
    try:
        want, got = int(want, 0), int(got, 0)
    except ValueError:
        return False
    return want in (got, got & 0xffffffff)


def differences(fields, wanted, lines):
    for number, (want, line) in enumerate(zip(wanted, lines), 1):
        got = dict(zip(fields, line.split("\t")))
        for name, values in want.items():
            have = got[name].split(",") if got[name] else []
            if len(have) != len(values) or \
                    not all(same(w, h) for w, h in zip(values, have)):
                yield "frame %d: %s is %s, put in was %s" % (
                    number, name, have, values)


def read_wanted(path, prefix):
    """For each packet the values of the fields whose names begin so."""
    wanted = []
    for line in open(path, encoding="ascii"):
        want = collections.defaultdict(list)
        for item in line.split():
            name, _, value = item.partition("=")
            if name.startswith(prefix):
                want[name].append(value)
        wanted.append(want)
    return wanted


def read_fields(pcap, fields, *args):
    return tshark(pcap, *args, "-T", "fields",
                  *(a for name in fields for a in ("-e", name)))


def run(checks):
    """Calls checks(tap, directory).  Return: the exit status."""
    if not shutil.which("tshark"):
        print("1..0 # SKIP no tshark")
        return 0
    if not RANDOM.exists():
        print("1..0 # SKIP not built: make -C selftests/unit")
        return 0
    tap = Tap()
    with tempfile.TemporaryDirectory() as tmp:
        checks(tap, tmp)
    sys.stdout.flush()
    return tap.end()
