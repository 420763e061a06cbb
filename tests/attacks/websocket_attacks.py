#!/usr/bin/env python3
"""WebSockets that break the frame, the message or the manners; and members who suffer none of it."""
import json
import os
import random
import socket
import statistics
import threading
import time
import unittest

from house import PATIENCE, Siege, eventually
from visitors import BINARY, CLOSE, CONTINUATION, PING, PONG, Ended, Web


class WebSocketSiege(Siege):
    flags = ("--set", "log.level=debug")

    def web(self, name=None, **more):
        guest = Web(self.house, name, **more)
        self.addCleanup(guest.close)
        return guest

    def name(self):
        return f"N{random.randrange(10**9)}"

    # --- opening

    def test_pages_of_other_origins_open_nothing(self):
        port = self.house.ports["web"]
        foreign = ("null", "http://evil.example", f"http://evil.example:{port}", f"https://localhost:{port}", "http://localhost", f"http://localhost:{port}.evil.example",
                   f"http://localhost@evil.example:{port}",
                   f"http://localhost:{port}/", "file://", "http://", f"http://localhost:{port}, http://evil.example", f"http://127.0.0.1:{port}")
        with self.grows('earshot_http_refusals_total{reason="origin"}', len(foreign)):
            for origin in foreign:
                self.assertIn(self.web(headers={"Host": f"localhost:{port}", "Origin": origin}).status, (403, 400), origin)
        self.assertEqual(self.web(headers={"Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}"}).status, 421)  # DNS rebinding
        self.assertEqual(self.web(headers={"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}"}).status, 101)
        self.assertEqual(self.web().status, 101)  # no Origin: no browser

    def test_openings_that_are_none(self):
        for headers in ({"Sec-WebSocket-Protocol": "chat, mumble"}, {"Sec-WebSocket-Version": "8"}, {"Sec-WebSocket-Version": None}, {"Sec-WebSocket-Key": None},
                        {"Upgrade": "h2c"}, {"Connection": "close"}, {"Content-Length": "4"}, {"Content-Encoding": "gzip"}):
            try:
                self.assertIn(self.web(headers=headers).status, (400, 413, 415, 426), headers)
            except Ended:
                pass
        compressed = self.web(headers={"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"})
        self.assertEqual(compressed.status, 101)
        self.assertIsNone(compressed.head.header("Sec-WebSocket-Extensions"))

    # --- frames

    def broken(self, *codes, hello=True, **how):
        guest = self.web(self.name() if hello else None)
        guest.raw(**how)
        self.assertIn(guest.end_code(), (*codes, None), how)

    def test_frames_that_break_the_rules_end_their_connection(self):
        for hello in (True, False):
            self.broken(1002, hello=hello, payload=b"{}", masked=False)
            for reserved in (1, 2, 4, 7):
                self.broken(1002, hello=hello, payload=b"{}", reserved=reserved)
            for opcode in (3, 7, 0xB, 0xF):
                self.broken(1002, hello=hello, payload=b"{}", opcode=opcode)
            self.broken(1002, hello=hello, opcode=PING, fin=False)
            self.broken(1002, hello=hello, opcode=CLOSE, fin=False)
            self.broken(1002, hello=hello, opcode=PING, payload=bytes(126))
            self.broken(1002, hello=hello, opcode=CONTINUATION, payload=b"{}")
            self.broken(1002, hello=hello, opcode=CLOSE, payload=b"\0")
            self.broken(1002, hello=hello, opcode=CLOSE, payload=b"\3\xed")  # 1005, which is never sent
            self.broken(1003, hello=hello, opcode=BINARY, payload=b"{}")
            self.broken(1007, hello=hello, payload=b'{"type":"\xff\xfe"}')
            self.broken(1007, hello=hello, payload=b'{"a":"\xed\xa0\x80"}')

    def test_what_claims_to_be_large_is_not_waited_for(self):
        memory = self.house.memory_mb()
        for claim in (64 * 1024 + 1, 1 << 30, 1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1):
            for opcode in (1, BINARY):
                guest = self.web(self.name())
                started = time.monotonic()
                guest.raw(b"{", opcode=opcode, claim=claim)
                self.assertIn(guest.end_code(), (1009, 1002, 1003, None), claim)
                self.assertLess(time.monotonic() - started, 2)
        self.broken(1009, payload=b'"' + b"a" * 65536 + b'"')
        guest = self.web(self.name())
        try:  # the same in pieces
            guest.raw(b"[" * 1000, fin=False)
            for _ in range(100):
                guest.raw(b"[" * 1000, opcode=CONTINUATION, fin=False)
        except OSError:
            pass
        self.assertIn(guest.end_code(), (1009, None))
        self.assertLess(self.house.memory_mb(), memory + 4)

    def test_64_kib_are_taken(self):
        guest = self.web(self.name())
        guest.raw(json.dumps({"type": "ping", "request": 77, "x": ""}).encode()[:-2] + b"a" * 65400 + b'"}')
        guest.until("pong", request=77)

    def test_fragments_without_end_end(self):
        """Empty ones never make a message: he who never says hello is not waited for, whatever he sends meanwhile."""
        guest, started, memory = self.web(), time.monotonic(), self.house.memory_mb()
        empty = Web.frame(opcode=CONTINUATION, fin=False) * 200
        guest.raw(fin=False)
        with self.assertRaises(OSError):
            while time.monotonic() - started < 16:
                guest.socket.sendall(empty)
                time.sleep(0.02)
        self.assertLess(time.monotonic() - started, 15)
        self.assertLess(self.house.memory_mb(), memory + 2)

    def test_floods_of_pings_cost_little(self):
        guest, memory = self.web(self.name(), receive_buffer=4096), self.house.memory_mb()
        other = self.web(self.name())
        guest.socket.settimeout(0.2)
        sent = 0
        try:  # never read: then the house reads no further
            while sent < 200_000:
                guest.socket.sendall(Web.frame(b"p" * 100, opcode=PING) * 200)
                sent += 200
        except OSError:
            pass
        self.assertLess(self.house.memory_mb(), memory + 4)
        self.assertLess(other.round_trip(), 1)
        polite = self.web(self.name())
        polite.raw(b"are you there?", opcode=PING)
        self.assertEqual(polite.receive_frame(), (PONG, b"are you there?"))

    # --- messages

    def test_messages_that_are_none_are_refused_and_then_ended(self):
        deep = b'{"type":"ping","request":1,"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
        objects = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
        odd = (deep, objects, b"[" * 60_000, b"{", b"", b"nul", b'{"type":1}', b'{"type":"ping","request":1e999}', b'{"type":"ping","request":-1}', b'{"type":"ping","request":99999999999999999999}',
               b'{"type":"ping","type":"quit","request":1}'[:20], b'{"type":"\\ud800"}', b'{"type":"join","request":3,"room":"' + b"#" * 60_000 + b'"}')
        for payload in odd:
            guest = self.web(self.name())
            guest.raw(payload)
            self.assertEqual(guest.receive()["type"], "refused", payload[:40])
            self.assertLess(guest.round_trip(), 2)  # it goes on
        guest = self.web(self.name())
        with self.grows('earshot_refusals_total{reason="malformed"}', 20):
            try:
                for _ in range(100):
                    guest.raw(b"[]")
            except OSError:
                pass
            self.assertIn(guest.end_code(), (1008, None))

    def test_random_messages_in_every_state(self):
        """Every message of the protocol with its fields shuffled, cut, doubled and swapped: an answer, a refusal or an end; never silence for ever."""
        values = [0, 1, -1, 2**53 - 1, 2**53, 2**64, 1.5, True, None, "", "#lobby", "Ada", "a" * 5000, "\0", "\x1b[2J", "\u202e", "\ud7ff", [], {}, ["#lobby"], "v=0\r\n", "0" * 16]
        kinds = ["hello", "join", "leave", "say", "direct", "typing", "topic", "nick", "history", "call_join", "call_answer", "call_restart", "call_leave", "voice", "ping", "welcome", "sing"]
        fields = ["room", "text", "client_message_id", "to", "topic", "name", "before", "after", "limit", "call", "sdp", "listen_only", "muted", "deafened", "protocol", "kind", "session"]
        chance = random.Random(20261121)
        for round_ in range(40):
            guest = self.web(self.name() if round_ % 4 else None, join="#lobby" if round_ % 4 > 1 else None)
            try:
                for _ in range(15):
                    guest.send(**{"type": chance.choice(kinds), "request": chance.choice((1, 2, 3, chance.choice(values))),
                                  **{name: chance.choice(values) for name in chance.sample(fields, chance.randrange(8))}})
                guest.send(type="ping", request=4242)
                guest.until("pong", request=4242)
            except (Ended, OSError):
                pass

    def test_hello_comes_first_and_once(self):
        guest = self.web()
        for request, kind in enumerate(("join", "call_leave", "history"), 1):
            guest.send(type=kind, request=request, room="#lobby")
            self.assertEqual(guest.receive()["code"], "hello_first")
        guest.hello(self.name())
        self.assertEqual(guest.ask("refused", type="hello", protocol=1, name=self.name(), kind="browser")["code"], "bad_request")
        guest.ask("joined", type="join", room="#lobby")

    def test_sessions_cannot_be_guessed_or_fixed(self):
        victim = self.web(self.name())
        for session in ("", "0" * 32, victim.welcome["session"][:-1], victim.welcome["session"] + "0", victim.welcome["session"].upper() + " "):
            thief = self.web()
            welcome = thief.ask("welcome", type="hello", protocol=1, name=self.name(), kind="browser", session=session)
            self.assertFalse(welcome["resumed"])
            self.assertNotEqual(welcome["session"], session)
            self.assertNotEqual(welcome["member"], victim.welcome["member"])
        victim.round_trip()

    def test_1000_requests_at_once_end_in_flood(self):
        other = self.web(self.name())
        guest = self.web(self.name(), join="#lobby")
        try:
            guest.socket.sendall(b"".join(Web.frame(json.dumps({"type": "history", "request": n, "room": "#lobby"}).encode()) for n in range(1, 1001)))
        except OSError:
            pass
        self.assertIn(guest.end_code(), (1008, None))
        self.assertLess(other.round_trip(), 1)

    def test_messages_beyond_the_limit_are_refused_by_name(self):
        guest = self.web(self.name(), join="#lobby")
        with self.grows('earshot_refusals_total{reason="flood"}'):
            codes = []
            for n in range(40):
                guest.send(type="say", request=1000 + n, room="#lobby", text=f"flood {n}", client_message_id=os.urandom(8).hex())
            while len(codes) < 40:
                answer = guest.receive()
                if answer.get("request", 0) >= 1000:
                    codes.append(answer.get("code", "accepted"))
        self.assertGreaterEqual(codes.count("accepted"), 15)  # joining cost one of 20; refusals do not wait for the disk and come first
        self.assertEqual(codes.count("accepted") + codes.count("flood"), 40)
        other = self.web(self.name(), join="#lobby")
        self.assertEqual(other.ask("refused", type="say", room="#lobby", text="a" * 4001, client_message_id="12345678")["code"], "too_long")

    # --- those who do not read, and those who have gone

    def test_who_never_reads_is_dropped_and_nobody_else_waits(self):
        room = f"#slow{random.randrange(10**6)}"
        idle = self.web(self.name(), join=room, receive_buffer=4096)
        talkers = [self.web(self.name(), join=room) for _ in range(4)]
        member = talkers[0]
        stop, memory = threading.Event(), self.house.memory_mb()

        def read(guest):
            try:
                while not stop.is_set():
                    guest.receive()
            except (Ended, OSError, ValueError):
                pass

        readers = [threading.Thread(target=read, args=(guest,), daemon=True) for guest in talkers[1:]]
        for reader in readers:
            reader.start()
        text, times = "x" * 3990, []
        dropped = self.house.metric("earshot_slow_readers_total")
        started = time.monotonic()
        while self.house.metric("earshot_slow_readers_total") == dropped and time.monotonic() - started < 30:
            for guest in talkers[1:]:
                for _ in range(3):
                    guest.send(type="say", request=5, room=room, text=text, client_message_id=os.urandom(8).hex())
            times.append(member.round_trip())
            # Reading his own history is what fills an idle reader's queue quickest.
            for n in range(8):
                idle.send(type="history", request=n + 1, room=room)
            time.sleep(0.02)
        self.assertGreater(self.house.metric("earshot_slow_readers_total"), dropped)
        self.assertLess(statistics.median(times), 0.2)
        self.assertLess(self.house.memory_mb(), memory + 24)
        stop.set()
        self.assertLess(member.round_trip(), 1)

    def test_who_falls_silent_after_hello_is_closed_after_45_seconds(self):
        """Half-open: the longest test; it looks at one that an earlier moment left behind."""
        guest = self.silent
        guest.socket.settimeout(60)
        code = guest.end_code()
        self.assertIn(code, (1001, None))
        self.assertGreater(time.monotonic() - self.silent_since, 40)
        self.assertLess(time.monotonic() - self.silent_since, 55)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.silent, cls.silent_since = Web(cls.house, "Silent"), time.monotonic()

    @classmethod
    def tearDownClass(cls):
        cls.silent.close()
        super().tearDownClass()


if __name__ == "__main__":
    unittest.main()
