#!/usr/bin/env python3
"""Every line of the Voix protocol against the real earshotd, by sockets as its clients have them.

    EARSHOTD=build/release/earshotd tests/voix_test.py [TEST...]
"""
import os
import re
import select
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "attacks"))
from house import PATIENCE, Siege, eventually  # noqa: E402
from visitors import Plain, Web  # noqa: E402

NO_TALK = b"SESSIONERROR: There is no such talk.\n"


class Voix:
    """A client that sends what it is told to, and reads line by line."""

    def __init__(self, house, nick=None, source="127.0.0.1"):
        self.house, self.source, self.nick = house, source, nick
        self.socket = socket.create_connection(house.address("voix"), PATIENCE, (source, 0))
        self.buffer, self.phones = b"", []
        if nick:
            self.say(f'CONNECT: "{nick}" "Real Name" 1.0.0')
            self.expect(f"ACCEPT: {socket.gethostname()}", "JOINED: #lobby")
            self.users = self.line()

    def raw(self, data):
        self.socket.sendall(data)

    def say(self, line, end="\n"):
        self.raw(line.encode() + end.encode())

    def line(self):
        while b"\n" not in self.buffer:
            part = self.socket.recv(65536)
            if not part:
                raise EOFError(self.buffer)
            self.buffer += part
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.decode()

    def until(self, beginning):
        while not (line := self.line()).startswith(beginning):
            pass
        return line

    def expect(self, *lines):
        for wanted in lines:
            if (got := self.line()) != wanted:
                raise AssertionError(f"{got!r} instead of {wanted!r}")

    def quiet(self):
        """Whatever was on its way is read; the answer to a nonsense question ends it."""
        self.say("MSG nobody-of-that-name: are you there")
        lines = []
        while not (line := self.line()).startswith("NOTACCEPTED: Nobody called nobody-of-that-name"):
            lines.append(line)
        return lines

    def phone(self, source=None):
        """A UDP socket of this address."""
        phone = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        phone.bind((source or self.source, 0))
        phone.connect(self.house.address("voix"))
        phone.settimeout(PATIENCE)
        self.phones.append(phone)
        return phone

    def ended(self):
        self.socket.settimeout(PATIENCE)
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        return True

    def close(self):
        self.socket.close()
        for phone in self.phones:
            phone.close()


def nothing_comes(sock, within=0.15):
    return not select.select([sock], [], [], within)[0]


def key_in(line):
    return re.fullmatch(r"TALK \S+ ([0-9a-f]+): REQUEST", line)[1]


class VoixTest(Siege):
    flags = ("--voix", "127.0.0.1:0")
    number = 0

    def name(self):
        VoixTest.number += 1
        return f"v{VoixTest.number}"

    def voix(self, nick=None, **more):
        guest = Voix(self.house, nick, **more)
        self.addCleanup(guest.close)
        return guest

    def pair(self, **more):
        """Two who are in, and have read of each other."""
        one, other = self.voix(self.name()), self.voix(self.name(), **{"source": "127.0.0.2", **more})
        one.until(f"USERJOIN #lobby: {other.nick}")
        return one, other

    def talk(self, asker, asked):
        asker.say(f"TALK {asked.nick}: REQUEST")
        key = key_in(asker.until("TALK"))
        self.assertEqual(asked.until("TALK"), f"TALK {asker.nick} {key}: REQUEST")
        asked.say(f"TALK {key}: ACCEPT")
        asker.until(f"TALK {key}: ACCEPTED")
        return key

    def tied(self, key, phone, to, mark):
        """TALKSESSION, and the first datagram through; it may overtake the relay's order by a moment."""
        for _ in range(100):
            phone.send(f"TALKSESSION: {key}".encode())
            phone.send(mark)
            if select.select([to], [], [], 0.05)[0] and to.recv(4096) == mark:
                break
        else:
            self.fail("no datagram of the talk came through")
        while not nothing_comes(to, 0.05):
            to.recv(4096)

    def both_tied(self, key, one, other):
        for _ in range(100):
            for phone in (one, other):
                phone.send(f"TALKSESSION: {key}".encode())
            if nothing_comes(one, 0.02) and nothing_comes(other, 0.02):
                break
            for phone in (one, other):
                while not nothing_comes(phone, 0.01):
                    phone.recv(4096)
        self.tied(key, one, other, b"first of one")
        self.tied(key, other, one, b"first of other")

    # CONNECT, ACCEPT, NOTACCEPTED, NICKNAMEINUSE
    def test_anything_before_connect_gets_notaccepted_and_another_chance(self):
        guest = self.voix()
        for line in ("JOIN: #maps", "MSG #lobby: hi", "TALK bob: REQUEST", "PONG: 1", "HELLO", "TALKSESSION: abc"):
            guest.say(line)
            self.assertTrue(guest.line().startswith("NOTACCEPTED: CONNECT comes first"), line)
        nick = self.name()
        guest.say(f"CONNECT: {nick} x 1.0.0")
        guest.expect(f"ACCEPT: {socket.gethostname()}")

    def test_a_malformed_connect_gets_notaccepted_and_another_chance(self):
        for line in ("CONNECT", "CONNECT:", "CONNECT: one", "CONNECT: one two", "CONNECT: one two 1.0.0 more", 'CONNECT: "one two 1.0.0', 'CONNECT: "" "" ""',
                     "CONNECT: #room x 1.0.0", "CONNECT target: one two 1.0.0", ": one two 1.0.0"):
            guest = self.voix()
            guest.say(line)
            self.assertTrue(guest.line().startswith("NOTACCEPTED: "), line)
            nick = self.name()
            guest.say(f'CONNECT: {nick} "Real Name" 1.0.0')
            guest.expect(f"ACCEPT: {socket.gethostname()}")

    def test_words_may_be_bare_or_quoted_and_lines_end_in_lf_or_crlf(self):
        for end in ("\n", "\r\n"):
            for quote in ("{}", '"{}"'):
                nick = self.name()
                guest = self.voix()
                guest.say(f"CONNECT: {quote.format(nick)} \"Real Name\" {quote.format('1.0.0')}", end)
                guest.expect(f"ACCEPT: {socket.gethostname()}", "JOINED: #lobby")
                guest.line()
                guest.say(f"JOIN: {quote.format('#' + nick)}", end)
                guest.expect(f"JOINED: #{nick}", f"USERLIST #{nick}: {nick}")
                guest.say(f"MSG {quote.format('nobody')}: x", end)
                guest.expect("NOTACCEPTED: Nobody called nobody is in your channels.")
                peer = self.voix(self.name())
                guest.until("USERJOIN")
                guest.say(f"TALK {quote.format(peer.nick)}: {quote.format('REQUEST')}", end)
                key = key_in(guest.line())
                peer.until("TALK")
                peer.say(f"TALK {quote.format(key)}: {quote.format('ACCEPT')}", end)
                guest.expect(f"TALK {key}: ACCEPTED")

    def test_lines_may_come_in_any_pieces_and_many_at_once(self):
        nick = self.name()
        guest = self.voix()
        for byte in f'CONNECT: "{nick}" "Real Name" 1.0.0\r\n'.encode():
            guest.raw(bytes([byte]))
            time.sleep(0.001)
        guest.expect(f"ACCEPT: {socket.gethostname()}", "JOINED: #lobby")
        other = self.voix()
        nick2 = self.name()
        other.raw(f"CONNECT: {nick2} x 1.0.0\nJOIN: #{nick2}\nMSG #{nick2}: one\nMSG {nick}: two\nDISCONNECT\n".encode())
        other.expect(f"ACCEPT: {socket.gethostname()}", "JOINED: #lobby")
        self.assertEqual(guest.until("MSG"), f"MSG {nick2} {nick}: two")
        guest.until(f"USERLEAVE #lobby: {nick2}")
        self.assertTrue(other.ended())

    def test_a_nickname_is_had_once_and_free_again_when_its_owner_left(self):
        first, second = self.voix(self.name()), self.voix()
        for same in (first.nick, first.nick.upper(), f'"{first.nick}"'):
            second.say(f"CONNECT: {same} x 1.0.0")
            self.assertTrue(second.line().startswith("NICKNAMEINUSE: "), same)
        first.say("DISCONNECT")
        first.ended()
        second.say(f"CONNECT: {first.nick} x 1.0.0")
        second.expect(f"ACCEPT: {socket.gethostname()}")

    # JOIN, JOINED, USERLIST, USERJOIN, USERLEAVE, DISCONNECT
    def test_channels_exist_once_joined_and_tell_who_comes_and_goes(self):
        one, other = self.pair()
        channel = f"#{one.nick}-den"
        one.say(f"JOIN: {channel}")
        one.expect(f"JOINED: {channel}", f"USERLIST {channel}: {one.nick}")
        other.quiet()
        other.say(f"JOIN: {channel}")
        other.expect(f"JOINED: {channel}")
        self.assertEqual(sorted(other.line().removeprefix(f"USERLIST {channel}: ").split(", ")), sorted([one.nick, other.nick]))
        one.expect(f"USERJOIN {channel}: {other.nick}")
        one.say(f"MSG {channel}: in here")
        other.expect(f"MSG {one.nick} {channel}: in here")
        other.say("DISCONNECT")
        self.assertTrue(other.ended())
        self.assertEqual({one.line(), one.line()}, {f"USERLEAVE {channel}: {other.nick}", f"USERLEAVE #lobby: {other.nick}"})

    def test_joining_again_tells_again_how_the_channel_stands(self):
        one, other = self.pair()
        other.quiet()
        one.quiet()
        one.say("JOIN: #lobby")
        one.expect("JOINED: #lobby")
        self.assertTrue({one.nick, other.nick} <= set(one.line().removeprefix("USERLIST #lobby: ").split(", ")))
        self.assertEqual(other.quiet(), [])

    def test_a_bad_channel_is_notaccepted(self):
        guest = self.voix(self.name())
        guest.quiet()
        for line in ("JOIN: maps", "JOIN:", "JOIN: #one #two", 'JOIN: "#with space"', "JOIN: #" + "x" * 51, "MSG #elsewhere: hi", "TALK #elsewhere: REQUEST"):
            guest.say(line)
            self.assertRegex(guest.line(), "^(NOTACCEPTED|SESSIONERROR): .")

    def test_a_broken_connection_leaves_at_once(self):
        one, other = self.pair()
        other.close()
        one.until(f"USERLEAVE #lobby: {other.nick}")

    # MSG
    def test_messages_to_a_channel_and_to_one(self):
        one, other = self.pair()
        one.quiet(), other.quiet()
        third = self.voix(self.name())
        one.until("USERJOIN"), other.until("USERJOIN")
        for sent, seen in (("hello", "hello"), ("a: b: c", "a: b: c"), ('"in quotes"', "in quotes"), ('"a \\"word\\" in it"', 'a "word" in it'), ('say "this" twice', 'say "this" twice'),
                           ("  spaces  ", "spaces"), ("\u00fcber \u65e5\u672c", "\u00fcber \u65e5\u672c")):
            one.say(f"MSG #lobby: {sent}", "\r\n")
            other.expect(f"MSG {one.nick} #lobby: {seen}")
            third.expect(f"MSG {one.nick} #lobby: {seen}")
        one.say(f"MSG {other.nick.upper()}: for you")
        other.expect(f"MSG {one.nick} {other.nick}: for you")
        for nothing in ("MSG #lobby:", "MSG #lobby: \r", 'MSG #lobby: ""'):
            one.say(nothing)
        self.assertEqual(one.quiet(), [])
        self.assertEqual(third.quiet(), [])

    def test_what_is_no_command_is_notaccepted_and_nobody_is_disturbed(self):
        one, other = self.pair()
        one.quiet(), other.quiet()
        for line in ("DANCE", "MSG: no target", "MSG a b: two targets", "TALK: REQUEST", f"TALK {other.nick}: SING", f"TALK {other.nick}", f"CONNECT: {one.nick} x 1.0.0",
                     'MSG "open: x', "\x00\x01\x02", "\xff\xfe: \xff", "MSG " + "w " * 40 + ": x"):
            one.say(line)
            self.assertTrue(one.line().startswith("NOTACCEPTED: "), line)
        self.assertEqual(other.quiet(), [])

    def test_ill_will_is_shown_the_door(self):
        endless, fool = self.voix(), self.voix()
        try:
            for _ in range(100):
                endless.raw(b"x" * 65536)
        except OSError:
            pass
        self.assertTrue(endless.ended())
        for _ in range(10):
            fool.say("HELLO")
        self.assertTrue(fool.ended())

    # Everybody sees everybody
    def test_one_presence_for_every_client(self):
        web = Web(self.house, self.name(), join="#lobby")
        self.addCleanup(web.close)
        plain_name = self.name()
        plain = Plain(self.house, plain_name)
        self.addCleanup(plain.close)
        one = self.voix(self.name())
        person = web.until("person_joined")["person"]
        while person["name"] != one.nick:
            person = web.until("person_joined")["person"]
        self.assertEqual(person["client"], "voix")
        late = Web(self.house, self.name())
        self.addCleanup(late.close)
        kinds = {p["name"]: p["client"] for p in late.ask("joined", type="join", room="#lobby")["people"]}
        self.assertEqual((kinds[one.nick], kinds[plain_name]), ("voix", "socket"))
        self.assertIn(plain_name, one.users.removeprefix("USERLIST #lobby: ").split(", "))
        plain.until(f"{one.nick} has entered the chat room!".encode())
        one.say("MSG #lobby: to all of you")
        plain.until(f"{one.nick}>>to all of you".encode())
        self.assertEqual(web.until("message")["message"]["text"], "to all of you")
        plain.line("from a socket")
        self.assertEqual(one.until("MSG"), f"MSG {plain_name} #lobby: from a socket")
        web.ask("accepted", type="direct", to=person["member"], text="for you", client_message_id="direct-1")
        self.assertTrue(one.until("MSG").endswith(f" {one.nick}: for you"))

    # TALK
    def test_a_call_is_asked_accepted_and_ended(self):
        one, other = self.pair()
        key = self.talk(one, other)
        self.assertEqual(len(key), 32)
        self.assertEqual(other.quiet(), [])
        one.say(f"TALK {key}: DENY")  # hanging up
        other.expect(f"TALK {key}: DENIED")
        other.say(f"TALK {key}: ACCEPT")
        self.assertTrue(other.line().startswith("SESSIONERROR: "))

    def test_a_call_is_denied(self):
        one, other = self.pair()
        one.say(f"TALK {other.nick}: REQUEST")
        key = key_in(one.until("TALK"))
        other.until("TALK")
        other.say(f"TALK {key}: DENY")
        one.expect(f"TALK {key}: DENIED")

    def test_nobody_answers_for_another(self):
        one, other = self.pair()
        third = self.voix(self.name())
        one.say(f"TALK {other.nick}: REQUEST")
        key = key_in(one.until("TALK"))
        for answer in ("ACCEPT", "DENY"):
            third.say(f"TALK {key}: {answer}")
            self.assertTrue(third.line().startswith("SESSIONERROR: "))
        one.say(f"TALK {key}: ACCEPT")
        self.assertTrue(one.line().startswith("SESSIONERROR: "))
        other.until("TALK")
        other.say(f"TALK {key}: ACCEPT")
        one.expect(f"TALK {key}: ACCEPTED")

    def test_an_unanswered_call_is_over_after_thirty_seconds(self):
        one, other = self.pair()
        for guest in (one, other):
            guest.socket.settimeout(40)
        started = time.monotonic()
        one.say(f"TALK {other.nick}: REQUEST")
        key = key_in(one.until("TALK"))
        other.until("TALK")
        for guest in (one, other):
            guest.until(f"TALK {key}: DENIED")
            self.assertAlmostEqual(time.monotonic() - started, 30, delta=2)

    # TALKSESSION and the datagrams
    def test_datagrams_pass_unchanged_whatever_their_size(self):
        one, other = self.pair()
        key, here, there = self.talk(one, other), one.phone(), other.phone()
        self.both_tied(key, here, there)
        for size in (1, 2, 160, 640, 1200, 1472, 1536, 1537, 1920, 2047):
            sent = os.urandom(size - 1) + b"\n"
            here.send(sent)
            self.assertEqual(there.recv(4096), sent, size)
            there.send(sent[::-1])
            self.assertEqual(here.recv(4096), sent[::-1], size)
        here.send(b"x" * 2048)
        self.assertTrue(nothing_comes(there))

    def test_the_line_may_be_quoted_and_ended(self):
        one, other = self.pair()
        key, here, there = self.talk(one, other), one.phone(), other.phone()
        self.both_tied(key, here, there)
        for line in (f'TALKSESSION: "{key}"\r\n', f"TALKSESSION:{key}\n", f"TALKSESSION:  {key} \r\n"):
            fresh = one.phone()
            fresh.send(line.encode())
            self.assertTrue(nothing_comes(fresh, 0.05), line)
            fresh.send(b"from here now")
            self.assertEqual(there.recv(4096), b"from here now")

    def test_a_stolen_or_wrong_key_gets_a_small_error_once_a_second(self):
        one, other = self.pair()
        key, here, there = self.talk(one, other), one.phone(), other.phone()
        self.both_tied(key, here, there)
        thief = one.phone("127.0.0.66")
        thief.send(f"TALKSESSION: {key}".encode())
        self.assertEqual(thief.recv(4096), NO_TALK)
        for _ in range(20):
            thief.send(f"TALKSESSION: {key}".encode())
        self.assertTrue(nothing_comes(thief))
        here.send(b"not for thieves")
        self.assertEqual(there.recv(4096), b"not for thieves")
        self.assertTrue(nothing_comes(thief))
        wrong = one.phone()
        wrong.send(b"TALKSESSION: 0123456789abcdef")
        self.assertEqual(wrong.recv(4096), NO_TALK[:29])
        tiny = one.phone("127.0.0.67")
        tiny.send(b"?")
        self.assertEqual(tiny.recv(4096), b"S")

    def test_a_talk_moves_to_a_new_port_by_talksession_alone(self):
        one, other = self.pair()
        key, here, there = self.talk(one, other), one.phone(), other.phone()
        self.both_tied(key, here, there)
        moved = one.phone()
        moved.send(b"no line yet")
        self.assertEqual(moved.recv(4096), NO_TALK[:11])
        moved.send(f"TALKSESSION: {key}".encode())
        moved.send(b"from the new port")
        self.assertEqual(there.recv(4096), b"from the new port")
        there.send(b"answer")
        self.assertEqual(moved.recv(4096), b"answer")
        self.assertTrue(nothing_comes(here))

    def test_several_talks_at_once_do_not_mix(self):
        hub = self.voix(self.name())
        talks = []
        for _ in range(3):
            peer = self.voix(self.name())
            hub.until("USERJOIN")
            key, here, there = self.talk(hub, peer), hub.phone(), peer.phone()
            self.both_tied(key, here, there)
            talks.append((here, there))
        for number, (here, there) in enumerate(talks):
            here.send(b"to %d" % number)
            there.send(b"from %d" % number)
        for number, (here, there) in enumerate(talks):
            self.assertEqual(there.recv(4096), b"to %d" % number)
            self.assertEqual(here.recv(4096), b"from %d" % number)
            self.assertTrue(nothing_comes(here, 0.02) and nothing_comes(there, 0.02))

    def test_a_talk_ends_with_either_of_its_people(self):
        one, other = self.pair()
        key, here, there = self.talk(one, other), one.phone(), other.phone()
        self.both_tied(key, here, there)
        other.say("DISCONNECT")
        one.until(f"TALK {key}: DENIED")

        def refused():
            here.send(b"is anybody there")
            return not nothing_comes(here, 0.05) and here.recv(4096) == NO_TALK[:16]
        self.assertTrue(eventually(refused, 5))

    def test_a_channel_talks_with_one_key_for_all(self):
        channel = "#" + self.name()
        guests, keys = [self.voix(self.name(), source=f"127.0.0.{20 + i}") for i in range(3)], set()
        for guest in guests:
            guest.say(f"JOIN: {channel}")
            guest.until("USERLIST")
            guest.say(f"TALK {channel}: REQUEST")
            key = key_in(guest.until("TALK"))
            guest.expect(f"TALK {key}: ACCEPTED")
            keys.add(key)
        self.assertEqual(len(keys), 1)
        phones = [guest.phone() for guest in guests]
        for one in range(3):
            self.both_tied(key, phones[one], phones[one - 1])
        time.sleep(0.1)
        for phone in phones:
            while not nothing_comes(phone, 0.02):
                phone.recv(4096)
        phones[0].send(b"to both")
        self.assertEqual([phone.recv(4096) for phone in phones[1:]], [b"to both"] * 2)
        self.assertTrue(nothing_comes(phones[0], 0.05))
        guests[1].say("DISCONNECT")
        guests[0].until(f"USERLEAVE {channel}")
        time.sleep(0.05)
        phones[0].send(b"to one")
        self.assertEqual(phones[2].recv(4096), b"to one")
        self.assertTrue(nothing_comes(phones[1], 0.05))

    def test_only_who_has_a_voix_client_is_called(self):
        one = self.voix(self.name())
        web = Web(self.house, name := self.name(), join="#lobby")
        self.addCleanup(web.close)
        one.until("USERJOIN")
        for target in (name, one.nick):
            one.say(f"TALK {target}: REQUEST")
            self.assertTrue(one.line().startswith("SESSIONERROR: "))
        one.say("TALK nobody: REQUEST")
        self.assertTrue(one.line().startswith("NOTACCEPTED: Nobody called nobody"))

    def test_storms_of_strangers_get_less_than_they_send(self):
        stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(stranger.close)
        stranger.connect(self.house.address("voix"))
        for _ in range(500):
            stranger.send(os.urandom(40))
        got = []
        while not nothing_comes(stranger, 0.2):
            got.append(stranger.recv(4096))
        self.assertLessEqual(len(got), 2)


if __name__ == "__main__":
    unittest.main(verbosity=1)
