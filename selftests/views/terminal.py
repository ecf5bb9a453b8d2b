# SPDX-License-Identifier: GPL-2.0
"""A terminal to look at what a program draws: a pty, and pyte behind it.

terminal.py NAME CMD...: the story of "qnetconfig top", which CMD starts; NAME is
this node's.  Prints TAP.
"""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
import unicodedata

import pyte

COUNT = 0


def result(passed, name, notes=''):
    """One line of TAP"""
    global COUNT                # pylint: disable=global-statement
    COUNT += 1
    print(f"{'ok' if passed else 'not ok'} {COUNT} - {name}", flush=True)
    if not passed and notes:
        print('\n'.join(f'# {line}' for line in str(notes).split('\n')), flush=True)


def width(line):
    """Columns that a line takes"""
    return sum(2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in line)


class Terminal:
    """A program on a terminal of its own"""

    def __init__(self, argv, rows=24, columns=80, env=None):
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b''
        self.master, slave = pty.openpty()
        self.slave = slave
        self.size(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.run = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**os.environ, 'TERM': 'xterm', 'LC_ALL': 'C.UTF-8', **(env or {})})

    def size(self, rows, columns):
        """What the terminal says of its size"""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ,
                    struct.pack('HHHH', rows, columns, 0, 0))

    def resize(self, rows, columns):
        """As if a window were pulled"""
        self.screen.resize(rows, columns)
        self.size(rows, columns)
        # Also where the pty's session is not the program's.
        self.run.send_signal(signal.SIGWINCH)

    def keys(self, text):
        """As if typed"""
        os.write(self.master, text.encode())

    def take(self, seconds):
        """What comes within that time; False if nothing came"""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.raw += data
        self.stream.feed(data)
        return bool(data)

    def until(self, what, seconds=60):
        """Whether the screen becomes so"""
        end = time.monotonic() + seconds
        while not what(self):
            if time.monotonic() > end:
                return False
            self.take(0.2)
        return True

    def text(self):
        """The screen, without the blanks at the ends of lines"""
        return '\n'.join(line.rstrip() for line in self.screen.display)

    def shows(self, text):
        """Whether that is on the screen"""
        return self.until(lambda t: text in t.text())

    def end(self, seconds=60):
        """Its exit status, or None if it does not end"""
        end = time.monotonic() + seconds
        while self.run.poll() is None and time.monotonic() < end:
            self.take(0.2)
        while self.take(0):
            pass
        return self.run.poll()

    def restored(self):
        """Whether the terminal is as it was"""
        return termios.tcgetattr(self.slave) == self.before and \
            self.raw.rfind(b'\x1b[?1049l') > self.raw.rfind(b'\x1b[?1049h') >= 0

    def close(self):
        """No process stays"""
        if self.run.poll() is None:
            self.run.kill()
            self.run.wait()
        os.close(self.master)
        os.close(self.slave)


def top_story(argv, node, env=None):
    """A user looks at top and goes"""
    t = Terminal(argv, 40, 120, env)
    try:
        result(t.shows('q quit'), 'top: it draws', t.text())
        result(t.until(lambda t: node in t.screen.display[0]),
               'top: the name of this node is on top', t.text())
        result(t.shows('NODE') and t.shows('CIRCUIT'), 'top: both tables are there',
               t.text())
        t.resize(24, 80)
        drawn = t.until(lambda t: 'q quit' in t.screen.display[23])
        result(drawn, 'top: after a resize to 80x24 the help is on its last line', t.text())
        t.resize(12, 40)
        drawn = t.until(lambda t: 'q quit' in t.screen.display[11] and
                        node in t.screen.display[0])
        result(drawn, 'top: it does with 40x12', t.text())
        t.resize(24, 80)
        for key, name in ('n', 'name'), ('c', 'circuits'), ('r', 'rate'):
            t.keys(key)
            result(t.shows(f'(now {name}'), f'top: key {key} sorts by {name}', t.text())
        t.keys('q')
        result(t.end() == 0, 'top: q ends it with 0', t.run.returncode)
        result(t.restored(), 'top: the terminal is as it was', t.raw[-80:])
    finally:
        t.close()


def signal_story(argv, env=None):
    """A user goes by interrupting it"""
    t = Terminal(argv, 24, 80, env)
    try:
        t.shows('q quit')
        t.keys('\x03')
        result(t.end() == 0 and t.restored(), 'top: an interrupt ends it like q',
               t.run.returncode)
    finally:
        t.close()


if __name__ == '__main__':
    top_story(sys.argv[2:], sys.argv[1])
    signal_story(sys.argv[2:])
    print(f'1..{COUNT}')
