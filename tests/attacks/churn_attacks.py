#!/usr/bin/env python3
"""Thousands who come and go: afterwards the house is as it was, and has told its log nothing of them."""
import os
import unittest

from house import Siege, eventually
from packets import binding, client_hello, rtp
from visitors import Ended, Plain, Web, udp


class ChurnSiege(Siege):
    def web_cycle(self, name):
        guest = Web(self.house, name, join="#lobby")
        try:
            guest.join_call("#lobby")
            guest.send(type="quit")
            self.assertIn(guest.end_code(), (1000, None))
        finally:
            guest.close()

    def plain_cycle(self, name):
        guest = Plain(self.house, name)
        guest.line("{quit}")
        guest.close()

    def gone(self):
        now = self.house.metrics()
        return not any(now[name] for name in ("earshot_members", "earshot_peers", 'earshot_connections{front="web"}', 'earshot_connections{front="plain"}'))

    def churn(self, cycle, count):
        for n in range(count // 5):  # the first ones make the house warm
            cycle(f"Warm{n}")
        self.assertTrue(eventually(self.gone))
        memory, descriptors = self.house.memory_mb(), self.house.descriptors()
        for n in range(count):
            cycle(f"Guest{n}")
        self.assertTrue(eventually(self.gone), self.house.metrics())
        self.assertTrue(eventually(lambda: self.house.descriptors() <= descriptors), (self.house.descriptors(), descriptors))
        self.assertLess(self.house.memory_mb(), memory * 1.04 + 0.5, memory)

    def test_web_members_in_calls_come_and_go(self):
        self.churn(self.web_cycle, int(os.environ.get("CHURN", "3000")))

    def test_bare_sockets_come_and_go(self):
        self.churn(self.plain_cycle, int(os.environ.get("CHURN", "3000")))

    def test_who_vanishes_and_who_never_came_leave_nothing(self):
        descriptors, peers = self.house.descriptors(), self.house.metric("earshot_peers")
        for n in range(300):
            guest = Web(self.house, None if n % 2 else f"Lost{n}")
            if n % 4 == 0:
                guest.send(type="join", request=9, room=f"#lost{n}")
                guest.send(type="call_join", request=10, room=f"#lost{n}", listen_only=False, muted=False)
            if n % 3 == 0:
                guest.raw(b"{", fin=False)
            guest.close()
        self.assertTrue(eventually(lambda: self.house.descriptors() <= descriptors + 2), self.house.descriptors())
        self.assertTrue(eventually(lambda: self.house.metric('earshot_connections{front="web"}') == 0))
        self.assertLess(self.house.metric("earshot_peers"), peers + 80)

    def test_no_more_rooms_than_there_is_space_for(self):
        guest = Web(self.house, "Builder")
        self.addCleanup(guest.close)
        made = 0
        for n in range(60):
            guest.send(type="join", request=100 + n, room=f"#made{n}")
        answers = [guest.receive() for _ in range(1)]
        while not any(answer.get("request") == 159 for answer in answers):
            answers.append(guest.receive())
        codes = [answer["type"] for answer in answers if answer.get("request")]
        self.assertIn("refused", codes)
        self.assertLessEqual(codes.count("joined"), 50)
        guest.send(type="quit")
        guest.end_code()


class QuietLog(Siege):
    """What an operator reads afterwards, when the log tells all that it ever tells."""

    flags = ("--set", "log.level=debug")

    def test_the_log_holds_no_text_no_secret_and_no_address(self):
        guest, plain = Web(self.house, "Ada", join="#lobby"), Plain(self.house, "Bob")
        self.addCleanup(guest.close)
        self.addCleanup(plain.close)
        offer = guest.join_call("#lobby")
        guest.say("#lobby", "a text that is nobody's business")
        self.house.secrets.add("said over a bare socket")
        plain.line("said over a bare socket")
        plain.until(b"said over a bare socket")
        guest.ask("done", type="topic", room="#lobby", topic="a topic that is nobody's business")
        self.house.secrets.add("a topic that is nobody's business")
        guest.ask("done", type="call_answer", call=offer.call, sdp=offer.answer())
        with udp(self.house) as sock:
            for datagram in (offer.check(), binding(offer.ufrag, "wrong"), client_hello(), rtp(), os.urandom(300)):
                sock.send(datagram)
            self.house.secrets.add(f"127.0.0.1:{sock.getsockname()[1]}")
            with self.grows('earshot_datagrams_total{direction="in"}', 0):
                pass
        guest.raw(b'{"type":"say","text":"a broken text of somebody"')
        self.house.secrets.add("a broken text of somebody")
        self.house.secrets |= {f"127.0.0.1:{guest.port}", f"127.0.0.1:{plain.socket.getsockname()[1]}", "p" * 24}
        again = Web(self.house)
        again.ask("welcome", type="hello", protocol=1, name="Ada", kind="browser", session=guest.welcome["session"])
        again.close()
        self.assertGreater(len(self.house.secrets), 7)
        self.assertEqual(self.house.leaks(), set())  # and again when the house has ended


if __name__ == "__main__":
    unittest.main()
