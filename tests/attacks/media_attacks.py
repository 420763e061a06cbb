#!/usr/bin/env python3
"""Strangers, forgers and floods on the media port."""
import os
import random
import select
import socket
import struct
import time
import unittest

from house import PATIENCE, Siege, eventually
from packets import attribute, binding, client_hello, framed, is_success, rtcp, rtp
from visitors import Web, answers, everything, udp

INCOMING = 'earshot_datagrams_total{direction="in"}'


class MediaSiege(Siege):
    def setUp(self):
        self.guest = Web(self.house, f"Guest{random.randrange(10**9)}", join="#lobby")
        self.addCleanup(self.guest.close)
        self.offer = self.guest.join_call("#lobby")

    def socket(self):
        sock = udp(self.house)
        self.addCleanup(sock.close)
        return sock

    def flood(self, sock, datagrams, reasons):
        """Sends all of them, at the pace at which they are taken in. What came in was dropped, for these reasons; nothing comes back."""
        before = self.house.metrics()
        for start in range(0, len(datagrams), 100):
            for datagram in datagrams[start:start + 100]:
                sock.send(datagram)
            sent = start + len(datagrams[start:start + 100])
            eventually(lambda: self.house.metric(INCOMING) - before[INCOMING] >= sent * 0.98, 0.2)
        after = self.house.metrics()
        grown = {name: after[name] - before[name] for name in after}
        self.assertGreater(grown[INCOMING], len(datagrams) * 0.95)
        self.assertGreaterEqual(sum(grown[f'earshot_dropped_total{{reason="{reason}"}}'] for reason in reasons), grown[INCOMING] - 1, grown)
        self.assertEqual(answers(sock), [])

    def validated(self, sock, **how):
        """A check that the house answers from this socket; the request."""
        request = self.offer.check(**how)
        for _ in range(20):
            sock.send(request)
            if any(is_success(datagram, request) for datagram in answers(sock, 0.2)):
                return request
        self.fail("a valid check was not answered")

    # --- STUN

    def bad_checks(self):
        good = self.offer.check()
        unknown = binding("nobodyishere", self.offer.password)
        wrong = binding(self.offer.ufrag, "x" * len(self.offer.password))
        flipped = bytearray(good)
        flipped[30] ^= 1
        yield from (unknown, wrong, bytes(flipped), self.offer.check(fingerprint=False), self.offer.check(integrity=False), self.offer.check(integrity=False, fingerprint=False))
        yield good[:random.randrange(20, len(good))]
        yield good[:20]
        yield good + bytes(random.randrange(1, 200))
        yield self.offer.check(extra=attribute(0x7F01, b"?"))  # an attribute one must understand
        yield self.offer.check(extra=attribute(0x802F, bytes(1200)))  # larger than any check
        yield b"\0\1" + struct.pack(">H", 0xFFFC) + os.urandom(40)
        yield b"\1\1" + good[2:]  # an answer nobody asked for
        yield bytes([random.randrange(4)]) + os.urandom(random.randrange(0, 1400))
        yield binding("", "")
        yield binding("x" * 600, self.offer.password)

    def test_20000_bad_checks_get_not_one_byte(self):
        bad = []
        while len(bad) < 20_000:
            bad += self.bad_checks()
        memory = self.house.memory_mb()
        self.flood(self.socket(), bad, ("stun", "unknown_path"))
        self.assertGreater(self.house.dropped("stun"), 18_000)
        self.assertLess(self.house.memory_mb(), memory + 4)

    def test_the_answer_to_a_valid_check_is_no_longer_than_the_check(self):
        for mine in ("a", "mine", "m" * 200):
            sock, request = self.socket(), self.offer.check(mine=mine)
            sock.send(request)
            answer = sock.recv(2000)
            self.assertTrue(is_success(answer, request))
            self.assertLessEqual(len(answer), len(request))
        shortest = binding(self.offer.ufrag, self.offer.password, mine="")
        sock = self.socket()
        sock.send(shortest)
        for answer in answers(sock):
            self.assertLessEqual(len(answer), len(shortest))

    def test_an_overheard_check_from_another_port_moves_nothing(self):
        victim, thief = self.socket(), self.socket()
        overheard = self.validated(victim)
        with self.grows('earshot_dropped_total{reason="stun"}', 5):
            for _ in range(5):
                thief.send(overheard)
        victim.send(client_hello())
        flight = answers(victim)
        self.assertTrue(flight, "the house does not shake hands on a path that passed a check")
        # Unanswered, the house says it again: to the path that it believes in.
        self.assertTrue(select.select([victim], [], [], 4)[0])
        self.assertEqual(answers(thief), [])
        # A check of his own takes the victim himself along to his new address.
        moved = self.socket()
        self.validated(moved)
        answers(victim, 0.05)
        answers(moved, 0.05)
        self.assertTrue(select.select([moved], [], [], 6)[0], "a new address of the same browser is not followed")
        self.assertEqual(answers(victim, 0.05), [])

    # --- DTLS, RTP, RTCP

    def test_hellos_of_strangers_get_silence_and_no_memory(self):
        hellos = [client_hello() for _ in range(5000)]
        memory = self.house.memory_mb()
        self.flood(self.socket(), hellos, ("unknown_path",))
        for _ in range(200):  # from as many addresses
            self.flood_once(hellos[0])
        self.assertLess(self.house.memory_mb(), memory + 10)

    def flood_once(self, datagram):
        with udp(self.house) as sock:
            sock.send(datagram)
            self.assertEqual(select.select([sock], [], [], 0)[0], [])

    def test_a_flood_of_hellos_on_a_valid_path_is_budgeted(self):
        sock = self.socket()
        self.validated(sock)
        before, memory = self.house.dropped("dtls"), self.house.memory_mb()
        received = 0
        for _ in range(40):
            for _ in range(100):
                sock.send(client_hello())
            received += sum(map(len, answers(sock, 0.01)))
        self.assertGreater(self.house.dropped("dtls"), before + 1000)
        self.assertLess(self.house.memory_mb(), memory + 10)
        self.assertLess(received, 4000 * len(client_hello()))  # never more than came

    def test_media_of_strangers_is_dropped(self):
        memory = self.house.memory_mb()
        noise = [random.choice((rtp, rtcp))(random.randrange(20, 1200) & ~3) for _ in range(8000)]
        self.flood(self.socket(), noise, ("unknown_path",))
        self.assertLess(self.house.memory_mb(), memory + 4)

    def test_media_before_keys_is_dropped(self):
        sock = self.socket()
        self.guest.ask("done", type="call_answer", call=self.offer.call, sdp=self.offer.answer())
        self.validated(sock)
        memory = self.house.memory_mb()
        noise = [rtp(random.randrange(10, 1400)) if n % 2 else rtcp(random.randrange(8, 1400) & ~3) for n in range(8000)]
        self.flood(sock, noise, ("rtp_malformed", "rtp_authentication", "rtp_unknown_source", "rtcp", "not_among_speakers"))
        self.assertLess(self.house.memory_mb(), memory + 4)

    def test_random_datagrams_on_a_valid_path(self):
        sock = self.socket()
        self.validated(sock)
        for _ in range(3000):
            sock.send(os.urandom(random.choice((0, 1, 2, 3, 12, 13, 20, 60, 1200, 1500))))
        self.validated(sock)  # his call goes on

    # --- over TCP

    def stream(self, listener="media"):
        sock = socket.create_connection(self.house.address(listener), PATIENCE)
        self.addCleanup(sock.close)
        return sock

    def test_strangers_on_tcp_are_shown_the_door(self):
        noise = (framed(binding("nobody", "nothing")), framed(client_hello()), framed(rtp()), b"\xff\xff" + os.urandom(100), b"\0\0" * 10, b"GET / HTTP/1.1\r\n\r\n", os.urandom(3000))
        for begin in noise:
            with self.subTest(begin=begin[:8]):
                sock = self.stream()
                sock.sendall(begin)
                got, ended = everything(sock, 3)
                self.assertEqual((got, ended), (b"", True))

    def test_tcp_beside_tls_is_shown_the_door_too(self):
        for begin in (framed(binding("nobody", "nothing")), b"\0\x14" + os.urandom(20), b"\5\xdc" + os.urandom(1500), b"\0\0\0\0"):
            with self.subTest(begin=begin[:8]):
                sock = self.stream("web-tls")
                sock.sendall(begin)
                got, ended = everything(sock, 3)
                self.assertEqual((got, ended), (b"", True))

    def check_over_tcp(self, listener):
        sock, request = self.stream(listener), self.offer.check()
        sock.sendall(framed(request))
        size = struct.unpack(">H", sock.recv(2))[0]
        self.assertTrue(is_success(sock.recv(size, socket.MSG_WAITALL), request))
        return sock

    def test_a_crowd_of_half_frames_does_not_keep_a_browser_out(self):
        crowd = [self.stream() for _ in range(300)]
        for sock in crowd:
            sock.sendall(b"\0\x50\0\1")  # a frame that never ends
        started = time.monotonic()
        self.check_over_tcp("media")
        self.check_over_tcp("web-tls")
        self.assertLess(time.monotonic() - started, 1)

    def test_a_known_connection_that_reads_nothing_costs_little(self):
        sock, memory = self.check_over_tcp("media"), self.house.memory_mb()
        sock.settimeout(0.2)
        try:
            for _ in range(20_000):  # answers of 66 bytes each, never read
                sock.sendall(framed(self.offer.check()))
        except OSError:
            pass
        self.assertLess(self.house.memory_mb(), memory + 4)
        self.assertLess(self.house.health_seconds(), 1)


if __name__ == "__main__":
    unittest.main()
