#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Write the golden frames as C arrays, for the unit tests and the fuzzers.

Usage:  mkgolden.py [--check] [FILE]       default: net/qnet/tests/golden.h

The frames are those of the captures next to this script; their notes come
from the generator.  With --check nothing is written: the exit status tells
whether FILE is up to date and whether the generator still makes the captures.
"""
import importlib.util
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
OUT = HERE.parents[1] / "net/qnet/tests/golden.h"

HEAD = """\
/* SPDX-License-Identifier: GPL-2.0-only */
/* Written by selftests/frames/mkgolden.py: do not edit. */
#ifndef _QNET_TESTS_GOLDEN_H
#define _QNET_TESTS_GOLDEN_H

/**
 * struct golden - a captured frame
 * @note:  what it is
 * @frame: from the Ethernet header on
 * @len:   bytes of it
 * @pad:   where the two pad bytes before the LWL4 header are
 */
struct golden {
	const char *note;
	const u8 *frame;
	u16 len;
	u8 pad;
};
"""


def frames(pcap):
    data, at = pcap.read_bytes(), 24
    while at < len(data):
        size, = struct.unpack_from("<I", data, at + 8)
        yield data[at + 16:at + 16 + size]
        at += 16 + size


def generator():
    spec = importlib.util.spec_from_file_location(
        "samples", HERE / "qnet6-samples.py")
    mod = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mod)
    return mod


def pad_at(frame):
    """IPv4 carries the same bytes as protocol 106."""
    return 14 if frame[12:14] == b"\x82\x04" else 34


def c_array(name, data):
    rows = [data[i:i + 12] for i in range(0, len(data), 12)]
    text = ",\n".join("\t" + ", ".join("0x%02x" % b for b in r) for r in rows)
    return "\nstatic const u8 %s[] = {\n%s\n};\n" % (name, text)


def c_table(name, cap):
    out, rows = "", []
    for i, (note, data) in enumerate(cap, 1):
        out += c_array("%s_%d" % (name, i), data)
        rows.append('\t{ "%s",\n\t  %s_%d, %d, %d },\n' %
                    (note, name, i, len(data), pad_at(data)))
    return out + "\nstatic const struct golden %s[] = {\n%s};\n" % (
        name, "".join(rows))


def main():
    args = [a for a in sys.argv[1:] if a != "--check"]
    check = "--check" in sys.argv[1:]
    out = pathlib.Path(args[0]) if args else OUT
    gen, text = generator(), HEAD
    for name, pcap, build in (
            ("golden_samples", "qnet6-samples.pcap", gen.build),
            ("golden_flagged", "qnet6-flagged.pcap", gen.build_flagged)):
        cap, got = build(), list(frames(HERE / pcap))
        if cap.frames != got:
            sys.exit("%s is not what qnet6-samples.py makes" % pcap)
        text += c_table(name, list(zip(cap.notes, got)))
    text += "\n#endif\n"
    if not check:
        out.parent.mkdir(exist_ok=True)
        out.write_text(text)
    elif not out.exists() or out.read_text() != text:
        sys.exit("%s is out of date: run %s" % (out, sys.argv[0]))


if __name__ == "__main__":
    main()
