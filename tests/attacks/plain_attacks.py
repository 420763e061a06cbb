#!/usr/bin/env python3
"""The bare socket: endless lines, terminal escapes, telnet storms, and a crowd without names."""
import random
import socket
import time
import unittest

from house import PATIENCE, Siege, eventually
from visitors import Ended, Plain, Web, everything


class PlainSiege(Siege):
    def plain(self, name=None):
        guest = Plain(self.house, name)
        self.addCleanup(guest.close)
        return guest

    def name(self):
        return f"P{random.randrange(10**9)}"

    def flood(self, guest, bytes_, at_most=32 << 20):
        """Sends until it is shown the door; how much it could send."""
        sent = 0
        try:
            while sent < at_most:
                guest.socket.sendall(bytes_)
                sent += len(bytes_)
        except OSError:
            pass
        return sent

    def test_a_line_without_end_is_cut_off(self):
        for named in (False, True):
            for begin in (b"", b"begun\n"):
                guest, memory = self.plain(self.name() if named else None), self.house.memory_mb()
                guest.socket.sendall(begin)
                self.assertLess(self.flood(guest, b"a" * 65536), 16 << 20)
                self.assertLess(self.house.memory_mb(), memory + 4)

    def test_a_line_of_a_megabyte_is_cut_off_and_counted(self):
        guest = self.plain(self.name())
        with self.grows('earshot_refusals_total{reason="malformed"}'):
            try:
                guest.socket.sendall(b"a" * (1 << 20) + b"\n")
            except OSError:
                pass
            everything(guest.socket)

    def test_escapes_and_controls_reach_nobody(self):
        watcher, room = self.plain(self.name()), Web(self.house, self.name(), join="#lobby")
        self.addCleanup(room.close)
        guest = self.plain(self.name())
        for nasty in ("\x1b[2Jclear", "\x1b]0;title\x07bell", "a\0b", "back\x08\x08\x08", "\x9b31mred", "over\rwritten", "\x7f", "a\x0bb\x0cc"):
            guest.socket.sendall(nasty.encode() + b"\n")
        guest.line("that was all")
        seen = watcher.until(b"that was all")
        for byte in b"\x1b\x07\x08\x00\x7f\x0b\x0c\r":
            self.assertNotIn(byte, seen)
        self.assertNotIn("\x9b".encode(), seen)
        while (text := room.until("message")["message"]["text"]) != "that was all":
            self.assertFalse([c for c in text if ord(c) < 32 and c not in "\n\t" or 0x7F <= ord(c) < 0xA0], repr(text))

    def test_nobody_can_write_a_line_of_another(self):
        watcher = self.plain(self.name())
        forger = Web(self.house, self.name(), join="#lobby")
        self.addCleanup(forger.close)
        forger.say("#lobby", "hi\nBoss>>you are fired\r\nBoss>>really\u2028Boss>>yes\u0085Boss>>out")
        forger.say("#lobby", "end of the forgery")
        seen = watcher.until(b"end of the forgery").decode()
        self.assertFalse([line for line in seen.splitlines() if line.startswith("Boss")], seen)

    def test_names_that_are_none(self):
        for name in (b"\x1b[31m", b"a\0\0b" * 40, b"\xff\xfb\x01" * 3 + b"\xff", b"Boss>>hi", b"\xe2\x80\xae", b"a" * 33, b" ", b"\xc0\xaf", b"@", b"\xe2\x80\x8b"):
            guest = self.plain()
            guest.socket.sendall(name + b"\n")
            guest.until(b"name:")
            guest.socket.settimeout(0.1)
        self.assertGreaterEqual(self.house.metric("earshot_connections" + '{front="plain"}'), 1)

    def test_storms_of_telnet_leave_nothing(self):
        guest, memory = self.plain(self.name()), self.house.memory_mb()
        guest.socket.sendall(b"\xff\xfd\x01\xff\xfb\x1f" * 50_000 + b"\xff\xfa" + b"x" * 200_000 + b"\xff\xf0" + b"\xff\xff" * 10 + b"still here\n")
        guest.until(b"still here")
        self.assertLess(self.house.memory_mb(), memory + 2)

    def test_a_sub_negotiation_without_end_costs_no_memory(self):
        guest, memory = self.plain(self.name()), self.house.memory_mb()
        self.flood(guest, b"\xff\xfa" + b"x" * 65536, 4 << 20)
        self.assertLess(self.house.memory_mb(), memory + 2)

    def test_floods_of_lines_are_refused_and_end(self):
        watcher, guest, memory = Web(self.house, self.name()), self.plain(self.name()), self.house.memory_mb()
        self.addCleanup(watcher.close)
        guest.socket.settimeout(0.5)  # its answers are not read
        with self.grows('earshot_refusals_total{reason="flood"}', 100):
            self.flood(guest, b"x\n" * 8000, 1 << 20)
            self.assertLess(watcher.round_trip(), 1)
        self.assertLess(self.house.memory_mb(), memory + 8)

    def test_lines_before_the_name_is_taken_up_are_bounded(self):
        guest, memory = self.plain(), self.house.memory_mb()
        guest.socket.settimeout(0.5)
        self.flood(guest, self.name().encode() + b"\n" + b"\n" * 60_000, 8 << 20)
        self.assertLess(self.house.memory_mb(), memory + 8)

    def test_300_without_a_name_hinder_nobody_and_go(self):
        members, crowd = self.house.metric("earshot_members"), [self.plain() for _ in range(300)]
        for guest in crowd[::3]:
            guest.socket.sendall(b"half a na")
        started = time.monotonic()
        self.plain(self.name())
        self.assertLess(time.monotonic() - started, 1)
        self.assertLess(self.house.health_seconds(), 1)
        for guest in crowd:
            guest.close()
        self.assertTrue(eventually(lambda: self.house.metric('earshot_connections{front="plain"}') < 20))
        self.assertLess(self.house.metric("earshot_members"), members + 120)

    def test_who_is_gone_without_a_word_is_looked_for(self):
        """A dead peer would hold its name for ever: the kernel asks (the timer of /proc/net/tcp is 2: keepalive)."""
        guest = self.plain(self.name())
        mine, theirs = guest.socket.getsockname()[1], self.house.ports["plain-text"]

        def timer():
            with open("/proc/net/tcp", encoding="ascii") as file:
                rows = [line.split() for line in file if f":{theirs:04X} " in line and f":{mine:04X} " in line]
            return next(row[5].split(":")[0] for row in rows if int(row[1].split(":")[1], 16) == theirs)

        self.assertTrue(eventually(lambda: timer() == "02", 3), timer())



if __name__ == "__main__":
    unittest.main()
