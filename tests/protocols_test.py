#!/usr/bin/env python3
"""Plays the conversations of docs/PROTOCOLS.md against the real earshotd, and runs the clients of docs/examples.

    EARSHOTD=build/release/earshotd tests/protocols_test.py
"""
import array
import ast
import cmath
import math
import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import wave

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "attacks"))
from house import PATIENCE, House, eventually  # noqa: E402

DOCS = os.path.join(os.path.dirname(HERE), "docs")
EXAMPLES = os.path.join(DOCS, "examples")


def conversations(kind):
    with open(os.path.join(DOCS, "PROTOCOLS.md"), encoding="utf-8") as page:
        return re.findall(rf"^```{kind}\n(.*?)^```$", page.read(), re.DOTALL | re.MULTILINE)


class Speaker:
    """One of a conversation: his connection opens with his first line."""

    def __init__(self, house, door):
        self.house, self.door = house, door
        self.lines = self.talk = None
        self.got = b""

    def connect(self):
        if not self.lines:
            self.lines = socket.create_connection(self.house.address(self.door), PATIENCE)

    def phone(self):
        if not self.talk:
            self.talk = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.talk.settimeout(PATIENCE)
            self.talk.connect(self.house.address(self.door))
        return self.talk

    def receive(self, wanted):
        """Exactly these bytes come next."""
        while len(self.got) < len(wanted) and (part := self.lines.recv(65536)):
            self.got += part
        if not self.got.startswith(wanted):
            raise AssertionError(f"{self.got!r} instead of {wanted!r}")
        self.got = self.got[len(wanted):]

    def line(self):
        while b"\n" not in self.got:
            part = self.lines.recv(65536)
            if not part:
                raise EOFError(self.got)
            self.got += part
        line, _, self.got = self.got.partition(b"\n")
        return line.decode()

    def gone(self):
        self.receive(b"")
        return self.lines.recv(1) == b"" and not self.got

    def close(self):
        for end in (self.lines, self.talk):
            if end:
                end.close()


class Conversations(unittest.TestCase):
    def play(self, kind, door, perform):
        found = conversations(kind)
        self.assertGreaterEqual(len(found), 3)
        for conversation in found:
            house = House("--voix", "127.0.0.1:0")
            self.addCleanup(house.stop)
            speakers, known = {}, {"HOST": socket.gethostname()}
            for step in conversation.splitlines():
                with self.subTest(step):
                    who = re.match(r"\w+", step)[0]
                    if who not in speakers:
                        speakers[who] = Speaker(house, door)
                        self.addCleanup(speakers[who].close)
                    perform(speakers[who], step[len(who):], known)
                    # Whoever speaks next does so after this was done.
                    time.sleep(0.03)

    def test_plain(self):
        def perform(speaker, step, _):
            speaker.connect()
            if step == " is gone":
                return self.assertTrue(speaker.gone())
            data = ast.literal_eval(step[2:]).encode()
            if step[0] == ">":
                speaker.lines.sendall(data)
                time.sleep(0.25)  # what is sent at once is one segment
            else:
                speaker.receive(data)

        self.play("plain", "plain-text", perform)

    def test_voix(self):
        def perform(speaker, step, known):
            sign, text = re.fullmatch(r"( is gone|~?[<>]) ?(.*)", step).groups()
            for name, value in known.items():
                text = re.sub(rf"\b{name}\b", value, text)
            if sign.startswith("~"):
                phone = speaker.phone()
                if sign == "~>":
                    return phone.send(text.encode())
                got = phone.recv(4096).decode()
                return self.assertTrue(got == text or got == text + "\n", got)
            speaker.connect()
            if sign == " is gone":
                return self.assertTrue(speaker.gone())
            if sign == ">":
                return speaker.lines.sendall(text.encode() + b"\n")
            got = speaker.line()
            if match := re.fullmatch(re.escape(text).replace("KEY", "([0-9a-f]{32})"), got):
                if "KEY" in text:
                    known["KEY"] = match[1]
                return None
            self.assertEqual(got, text)

        self.play("voix", "voix", perform)


def tone(path, rate, channels, hertz, seconds=3):
    """A tone in a WAV file, and its samples raw beside it."""
    mono = (round(8000 * math.sin(2 * math.pi * hertz * moment / rate)) for moment in range(rate))
    samples = array.array("h", (sample for sample in mono for _ in range(channels))).tobytes() * seconds
    with wave.open(path, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(samples)
    with open(path.replace(".wav", ".raw"), "wb") as file:
        file.write(samples)
    return path


def heard(samples, rate, hertz):
    """For how many seconds the tone sounds and hardly anything else does."""
    piece, seconds = rate // 10, 0.0
    turn = [cmath.exp(-2j * math.pi * hertz * moment / rate) for moment in range(piece)]
    for at in range(0, len(samples) - piece, piece):
        part = samples[at:at + piece]
        energy = sum(sample * sample for sample in part) / piece
        amplitude = 2 * abs(sum(sample * phase for sample, phase in zip(part, turn))) / piece
        if energy > 1e5 and amplitude * amplitude / 2 > 0.8 * energy:
            seconds += 0.1
    return seconds


def sounds(samples, rate, hertz):
    """For how many seconds the tone is among what sounds."""
    piece, seconds = rate // 20, 0.0
    turn = [cmath.exp(-2j * math.pi * hertz * moment / rate) for moment in range(piece)]
    for at in range(0, len(samples) - piece, 2 * piece):
        if 2 * abs(sum(sample * phase for sample, phase in zip(samples[at:at + piece], turn))) / piece > 2000:
            seconds += 0.1
    return seconds


def raw_file(path, channels=1):
    """The samples of the left channel, or of the only one."""
    with open(path, "rb") as file:
        data = file.read()
    return array.array("h", data[:len(data) // (2 * channels) * 2 * channels])[::channels]


class Examples(unittest.TestCase):
    """The clients of docs/examples, as somebody runs them."""

    @classmethod
    def setUpClass(cls):
        cls.house = House("--voix", "127.0.0.1:0", "--plain-voice", "127.0.0.1:0")

    @classmethod
    def tearDownClass(cls):
        cls.house.stop()

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = directory.name + "/"

    def start(self, *command, **environment):
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0, env={**os.environ, **environment})
        process.seen = ""
        self.addCleanup(lambda: process.stdin.closed or process.stdin.close())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def until(self, process, end):
        """Reads the program's output up to these words."""
        while end not in process.seen and select.select([process.stdout], [], [], PATIENCE)[0] and (part := os.read(process.stdout.fileno(), 65536)):
            process.seen += part.decode()
        self.assertIn(end, process.seen)
        process.seen = process.seen.partition(end)[2]

    def type(self, process, line):
        process.stdin.write(line.encode() + b"\n")

    def voix(self, nick, *files, channel):
        return self.start(sys.executable, EXAMPLES + "/voix_client.py", nick, *files, PORT=str(self.house.ports["voix"]), CHANNEL=channel)

    def test_python(self):
        say = tone(self.path + "say.wav", 48000, 1, 440)
        listener = self.voix("pia", tone(self.path + "other.wav", 48000, 1, 1000), self.path + "pia.raw", channel="#python")
        self.until(listener, "ACCEPTED")
        speaker = self.voix("quentin", say, self.path + "quentin.raw", channel="#python")
        self.until(listener, "USERJOIN #python: quentin")
        self.type(speaker, "hello from Python")
        self.until(listener, "MSG quentin #python: hello from Python")
        self.type(listener, "and back")
        self.until(speaker, "MSG pia #python: and back")
        self.assertTrue(eventually(lambda: heard(raw_file(self.path + "pia.raw"), 48000, 440) > 1.5, 10))
        for client in (speaker, listener):
            client.stdin.close()
            self.assertEqual(client.wait(PATIENCE), 0)

    def ports(self):
        return {"TEXT": str(self.house.ports["plain-text"]), "VOICE": str(self.house.ports["plain-voice"])}

    def hears(self, path, rate, channels, hertz, seconds=1.5):
        self.assertTrue(eventually(lambda: os.path.exists(path) and heard(raw_file(path, channels), rate, hertz) > seconds, 12), f"{hertz} Hz is not in {path}")

    def test_shell_and_cpp_speak_with_each_other_and_with_a_voix_talk(self):
        program = self.path + "plain_client"
        subprocess.run(["g++", "-std=c++17", "-Wall", "-Wextra", "-Werror", "-o", program, EXAMPLES + "/plain_client.cpp"], check=True, timeout=60)
        tone(self.path + "cpp.wav", 44100, 2, 700, 60)
        tone(self.path + "shell.wav", 44100, 2, 440, 60)
        tone(self.path + "voix.wav", 48000, 1, 1000, 60)
        cpp = self.start(program, "127.0.0.1", self.ports()["TEXT"], self.ports()["VOICE"], "cpp", self.path + "cpp.raw", self.path + "cpp_hears.raw")
        self.until(cpp, "Welcome cpp!")
        time.sleep(0.2)  # his voice has found its text before the next one comes from this address
        shell = self.start("bash", EXAMPLES + "/plain_client.sh", "shell", self.path + "shell.wav", self.path + "shell_hears.wav", **self.ports())
        self.until(shell, "Welcome shell!")
        self.until(cpp, "shell has entered the chat room!")
        self.type(shell, "hello from the shell")
        self.until(cpp, "shell>>hello from the shell")
        self.type(cpp, "hello from C++")
        self.until(shell, "cpp>>hello from C++")
        voix = self.voix("vi", self.path + "voix.wav", self.path + "voix_hears.raw", channel="#lobby")
        self.until(voix, "ACCEPTED")
        # One stream with both in it, and none of oneself.
        for path, rate, channels, others in ((self.path + "cpp_hears.raw", 44100, 2, (440, 1000)), (self.path + "voix_hears.raw", 48000, 1, (440, 700))):
            for hertz in others:
                self.assertTrue(eventually(lambda p=path, r=rate, c=channels, h=hertz: sounds(raw_file(p, c), r, h) > 1, 15), f"{hertz} Hz in {path}")
        self.assertLess(sounds(raw_file(self.path + "cpp_hears.raw", 2), 44100, 700), 0.3)
        self.assertLess(sounds(raw_file(self.path + "voix_hears.raw"), 48000, 1000), 0.3)
        self.type(shell, "{quit}")
        shell.stdin.close()
        self.assertEqual(shell.wait(PATIENCE), 0)  # its voice has ended with its text
        with wave.open(self.path + "shell_hears.wav") as file:
            recorded = array.array("h", file.readframes(file.getnframes()))[::2]
        self.assertGreater(sounds(recorded, 44100, 700), 1)
        self.type(cpp, "{quit}")
        cpp.wait(PATIENCE)

    def test_they_are_short(self):
        for name in ("plain_client.sh", "plain_client.cpp", "voix_client.py"):
            with open(f"{EXAMPLES}/{name}", encoding="utf-8") as file:
                self.assertLess(len(file.readlines()), 60, name)


if __name__ == "__main__":
    unittest.main()
