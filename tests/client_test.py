#!/usr/bin/env python3
"""Drives the real earshot in line mode against the real earshotd, as scripts, bots and attackers do.

    tests/client_test.py build/release/earshot build/release/earshotd [TEST...]
"""
import array
import json
import math
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import wave

CLIENT = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "build/release/earshot"
DAEMON = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else "build/release/earshotd"
PATIENCE = 15
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Daemon:
    def __init__(self, data, ports=None):
        self.data = data
        names = ("web", "web-tls", "media", "plain-text", "plain-voice")
        flags = [word for name in names for word in (f"--{name}", f"127.0.0.1:{(ports or {}).get(name, 0)}")]
        self.process = subprocess.Popen([DAEMON, "--data", data, "--metrics", "off", *flags], stderr=subprocess.PIPE, text=True)
        self.ports = {}
        for line in self.process.stderr:
            if match := re.match(r"listening (\S+) .*:(\d+)$", line):
                self.ports[match[1]] = int(match[2])
            if line == "ready\n":
                break
        self.url = f"http://127.0.0.1:{self.ports['web']}"
        self.tls = f"https://127.0.0.1:{self.ports['web-tls']}"

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self.process.stderr.close()


class Client:
    """A running earshot; its lines come through a thread, so that waiting for one has an end."""

    def __init__(self, test, *arguments, home=None):
        self.home = home or test.home
        self.process = subprocess.Popen([CLIENT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(self.home))
        self.lines, self.errors, self.seen = queue.Queue(), [], []
        threading.Thread(target=self.read, args=(self.process.stdout, self.lines.put), daemon=True).start()
        self.reader = threading.Thread(target=self.read, args=(self.process.stderr, self.errors.append), daemon=True)
        self.reader.start()
        test.addCleanup(self.end)

    @staticmethod
    def read(stream, take):
        for line in stream:
            take(line.rstrip("\n"))
        stream.close()

    def say(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def until(self, pattern):
        end = time.monotonic() + PATIENCE
        while (left := end - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            self.seen.append(line)
            if re.search(pattern, line):
                return line
        raise AssertionError(f"no line like {pattern!r}; seen: {self.seen}, errors: {self.errors}")

    def event(self, kind, **fields):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                message = json.loads(self.lines.get(timeout=max(0.01, end - time.monotonic())))
            except queue.Empty:
                break
            self.seen.append(message)
            if message["type"] == kind and all(message.get(key) == value for key, value in fields.items()):
                return message
        raise AssertionError(f"no {kind} {fields}; seen: {self.seen}, errors: {self.errors}")

    def complained(self, text):
        self.reader.join(PATIENCE)
        if not any(text in line for line in self.errors):
            raise AssertionError(f"no complaint like {text!r}; errors: {self.errors}")

    def leave(self):
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if not self.process.stdin.closed:
            try:
                self.process.stdin.close()
            except BrokenPipeError:
                pass


def environment(home):
    return {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home + "/config", "XDG_RUNTIME_DIR": home + "/run", "USER": "tester", "TERM": "dumb", "TMPDIR": home}


def run(home, *arguments, text=""):
    done = subprocess.run([CLIENT, *arguments], input=text, capture_output=True, text=True, timeout=PATIENCE, env=environment(home))
    return done.returncode, done.stdout, done.stderr


def plain(daemon, name):
    visitor = socket.create_connection(("127.0.0.1", daemon.ports["plain-text"]), PATIENCE)
    file = visitor.makefile("rw", encoding="utf-8", newline="\n")
    visitor.recv(100)  # the prompt has no newline
    file.write(name + "\n")
    file.flush()
    return visitor, file


def stranger(answer):
    """A listener that gives everybody the same bytes; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        while True:
            try:
                guest, _ = listener.accept()
            except OSError:
                return
            guest.recv(4096)
            guest.sendall(answer)
            guest.close()

    threading.Thread(target=serve, daemon=True).start()
    return listener


def babble(path, seconds=4.0):
    """A voice of made-up syllables: a gliding pitch with its harmonics, swelling and fading, no two alike."""
    samples = array.array("h")
    lengths, phase, start, length, index = (0.17, 0.26, 0.12, 0.33, 0.21), 0.0, 0.0, 0.17, 0
    for i in range(int(48000 * seconds)):
        t = i / 48000
        if t >= start + length + 0.06 + 0.12 * (index % 3):
            index, start = index + 1, t
            length = lengths[index * 3 % 5]
        within = (t - start) / length
        phase += 2 * math.pi * (115 + 9 * (index % 4) + 25 * within) / 48000
        loud = math.sin(math.pi * within) ** 0.5 * (0.5 + 0.1 * (index * 2 % 5)) if within < 1 else 0
        samples.append(int(5000 * loud * sum(math.sin(h * phase) / h ** 0.5 for h in (1, 2, 3, 4, 6, 9))) if loud else 0)
    with wave.open(path, "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(samples.tobytes())


def envelope(path, step=960):
    with wave.open(path, "rb") as file:
        channels, frames = file.getnchannels(), array.array("h", file.readframes(file.getnframes()))
    mono = frames[::channels]
    return [math.sqrt(sum(s * s for s in mono[i:i + step:4]) * 4 / step) for i in range(0, len(mono) - step, step)]


def correlation(said, heard, piece=50):
    """How alike the loudness of both is: the mean over pieces of a second, each where it fits best within a third of a second of where it
    belongs, because a jitter buffer moves what stands between pauses."""
    def normal(values):
        mean = sum(values) / len(values)
        values = [value - mean for value in values]
        power = math.sqrt(sum(value * value for value in values)) or 1
        return [value / power for value in values]

    def match(part, at):
        return sum(a * b for a, b in zip(normal(part), normal(heard[at:at + len(part)])))
    offset = max(range(max(1, len(heard) - len(said) + 1)), key=lambda at: match(said, at))
    best = []
    for start in range(0, len(said) - piece + 1, piece):
        places = range(max(0, start + offset - 16), min(len(heard) - piece, start + offset + 16) + 1)
        best.append(max((match(said[start:start + piece], at) for at in places), default=0))
    return sum(best) / len(best)


class ClientTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = folder.name
        os.mkdir(self.home + "/run", 0o700)
        self.daemon = Daemon(self.home + "/data")
        self.addCleanup(self.daemon.stop)

    def client(self, name, *arguments, url=None, home=None):
        return Client(self, url or self.daemon.url, "--name", name, "--no-audio", *arguments, home=home)

    def test_two_clients_and_a_bare_socket_read_one_another(self):
        ada, bo = self.client("Ada"), self.client("Bo")
        ada.until("You are in"), bo.until("You are in")
        visitor, file = plain(self.daemon, "Nell")
        bo.until("Nell came in")
        ada.say("hello everyone")
        self.assertRegex(bo.until("hello everyone"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ #lobby <Ada> hello everyone$")
        while "hello everyone" not in (line := file.readline()):
            self.assertTrue(line)
        file.write("from a socket\n")
        file.flush()
        ada.until("<Nell> from a socket$")
        bo.say("//not a command")
        ada.until("<Bo> /not a command$")
        bo.say("\\{quit}")
        ada.until(r"<Bo> \{quit\}$")
        bo.say("{quit}")
        self.assertEqual(bo.process.wait(PATIENCE), 0)
        ada.until("Bo left")
        file.close()
        visitor.close()
        self.assertEqual(ada.leave(), 0)

    def test_hostile_text_reaches_no_terminal(self):
        ada, bo = self.client("Ada"), self.client("Bo")
        ada.until("You are in"), bo.until("You are in")
        bo.say("\x1b]0;owned\x07 \u202eabc \x9b31m end")
        line = ada.until("end$")
        self.assertFalse(re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e]", line), repr(line))

    def test_the_connection_comes_back_and_nothing_is_lost_or_doubled(self):
        with tempfile.TemporaryDirectory() as folder:
            daemon = Daemon(folder)
            ada, bo = self.client("Ada", url=daemon.url), self.client("Bo", "--json", url=daemon.url)
            ada.until("You are in"), bo.event("joined")
            ada.say("before")
            bo.event("message", text="before")
            daemon.stop(signal.SIGKILL)
            bo.event("lost")
            ada.until("Trying again")
            ada.say("meanwhile")
            daemon = Daemon(folder, daemon.ports)
            bo.event("connected")
            bo.event("message", text="meanwhile")
            ada.say("after")
            bo.event("message", text="after")
            texts = [each["text"] for each in bo.seen if each["type"] == "message"]
            self.assertEqual(texts, ["before", "meanwhile", "after"])
            ada.end(), bo.end()
            daemon.stop()

    def test_end_of_input_says_everything_first(self):
        listener = self.client("Bo", "--room", "flood")
        listener.until("You are in")
        code, _, _ = run(self.home, self.daemon.url, "--name", "Ada", "--no-audio", "--room", "flood", text="".join(f"line {i}\n" for i in range(60)) + "no newline")
        self.assertEqual(code, 0)
        listener.until("no newline$")
        said = [line.split("> ")[1] for line in listener.seen if "<Ada>" in line]
        self.assertEqual(said, [f"line {i}" for i in range(60)] + ["no newline"])

    def test_json_lines_are_json_and_complete(self):
        ada, bo = self.client("Ada", "--json"), self.client("Bo")
        connected = ada.event("connected")
        self.assertEqual((connected["name"], connected["server"], connected["resumed"]), ("Ada", "Earshot", False))
        joined = ada.event("joined")
        self.assertEqual(joined["people"][0].keys(), {"member", "name", "client", "presence", "in_call", "muted", "deafened"})
        bo.until("You are in")
        bo.say("hi \"there\" \u2615")
        message = ada.event("message", text="hi \"there\" \u2615")
        self.assertEqual(set(message), {"type", "time", "room", "id", "sent", "member", "name", "text", "own", "action", "mention", "history"})
        ada.say("/who")
        self.assertLessEqual({"Ada", "Bo"}, {person["name"] for person in ada.event("people")["people"]})
        ada.say("/xyzzy")
        self.assertEqual(ada.event("error")["code"], "bad_command")

    def test_wrong_usage_and_no_server(self):
        self.assertEqual(run(self.home)[0], 2)
        self.assertEqual(run(self.home, "x", "--frobnicate")[0], 2)
        with socket.create_server(("127.0.0.1", 0)) as unused:
            port = unused.getsockname()[1]
        code, _, error = run(self.home, f"http://127.0.0.1:{port}")
        self.assertEqual(code, 4)
        self.assertIn("refuses connections", error)
        code, _, error = run(self.home, "http://no-such-host.invalid", "--no-audio")
        self.assertEqual((code, error), (4, "earshot: There is no host called no-such-host.invalid.\n"))
        code, _, error = run(self.home, self.daemon.url, "--name", "Ada", "--play", "/nonexistent.wav")
        self.assertEqual(code, 5, error)
        code, _, error = run(self.home, self.daemon.url, "--passphrase-file", "x")
        self.assertEqual(code, 1)

    def test_strangers_are_told_from_earshot(self):
        answers = {
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>": "HTTP 200, text/html",
            b"HTTP/1.1 301 Moved\r\nLocation: https://other.example/\x1b[31m\r\nContent-Length: 0\r\n\r\n": "",
            b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n": "HTTP 502",
            b"SSH-2.0-OpenSSH_9.2\r\n": "not as an Earshot server",
            b"\x00\xff" * 3000: "not as an Earshot server",
            b"": "",
        }
        for answer, part in answers.items():
            with stranger(answer) as listener:
                code, out, error = run(self.home, f"http://127.0.0.1:{listener.getsockname()[1]}", "--no-audio")
                self.assertEqual((code, out), (4, ""), answer)
                self.assertIn(part, error)
                self.assertNotIn("\x1b", error)

    def test_a_certificate_is_refused_pinned_and_its_change_refused_loudly(self):
        code, _, error = run(self.home, self.daemon.tls, "--no-audio")
        self.assertEqual(code, 3)
        fingerprint = re.search(r"--accept-fingerprint ([0-9a-f]{64})", error)[1]
        self.assertEqual(run(self.home, self.daemon.tls, "--no-audio", "--accept-fingerprint", "0" * 64)[0], 3)
        code, out, error = run(self.home, self.daemon.tls, "--no-audio", "--accept-fingerprint", fingerprint)
        self.assertEqual((code, error), (0, ""))
        self.assertEqual(run(self.home, self.daemon.tls, "--no-audio")[0], 0)  # remembered
        kept = self.home + "/config/earshot/client.toml"
        self.assertEqual(os.stat(kept).st_mode & 0o777, 0o600)
        text = open(kept, encoding="utf-8").read().replace(fingerprint, "1" * 64)
        open(kept, "w", encoding="utf-8").write(text)
        code, _, error = run(self.home, self.daemon.tls, "--no-audio")
        self.assertEqual(code, 3)
        self.assertIn("HAS CHANGED", error)
        open(kept, "a", encoding="utf-8").write("[client]\ncolour = 1\n")
        code, _, error = run(self.home, self.daemon.url, "--no-audio")
        self.assertEqual(code, 2)
        self.assertRegex(error, r"client\.toml:\d+: ")

    def test_interrupted(self):
        ada = self.client("Ada")
        ada.until("You are in")
        ada.process.send_signal(signal.SIGINT)
        self.assertEqual(ada.process.wait(PATIENCE), 130)

    def test_ctl_speaks_to_the_newest_client(self):
        self.assertEqual(run(self.home, "ctl", "status")[0], 1)
        ada = self.client("Ada")
        ada.until("You are in")
        path = self.home + "/run/earshot"
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(path + "/ctl.sock").st_mode & 0o777, 0o600)
        code, out, _ = run(self.home, "ctl", "status", "--json")
        self.assertEqual((code, json.loads(out)["name"]), (0, "Ada"))
        self.assertEqual(run(self.home, "ctl", "mute")[:2], (0, ""))
        self.assertTrue(json.loads(run(self.home, "ctl", "status", "--json")[1])["muted"])
        bo = self.client("Bo")
        bo.until("You are in")
        self.assertEqual(run(self.home, "ctl", "status")[1], "connected as Bo in #lobby\n")
        bo.end()  # killed: its socket stays behind
        self.assertEqual(run(self.home, "ctl", "status")[1], "connected as Ada in #lobby, muted\n")
        for nasty in (b"x" * 5000, b"\n", b"\xff\xfe\n", b"ptt sideways\n"):
            with socket.socket(socket.AF_UNIX) as guest:
                guest.connect(path + f"/ctl-{ada.process.pid}.sock")
                guest.sendall(nasty)
        self.assertEqual(run(self.home, "ctl", "quit")[0], 0)
        self.assertEqual(ada.process.wait(PATIENCE), 0)

    def test_two_clients_hear_each_other(self):
        # One after the other, so that each is heard alone.
        for name, other in (("Bo", "Ada"), ("Ada", "Bo")):
            said, heard = f"{self.home}/{other}.wav", f"{self.home}/heard_by_{name}.wav"
            babble(said)
            match = self.hear(name, other, said, heard)
            print(f"{name} heard {other}: correlation {match:.3f}")
            self.assertGreater(match, 0.9)

    def hear(self, name, other, said, heard):
        listener = Client(self, self.daemon.url, "--name", name, "--room", "voice", "--audio-in", "none", "--record", heard)
        listener.until("You are in the call, over UDP")
        speaker = Client(self, self.daemon.url, "--name", other, "--room", "voice", "--play", said, "--audio-out", "none")
        listener.until(f"{other} is talking")
        speaker.until("The file has been said")
        self.assertEqual(speaker.leave(), 0)
        listener.until(f"{other} left")
        self.assertEqual(listener.leave(), 0)
        return correlation(envelope(said), envelope(heard))

    def test_hearing_oneself_is_heard_by_nobody_else(self):
        said, own, heard = (f"{self.home}/{name}.wav" for name in ("said", "own", "heard"))
        babble(said)
        listener = Client(self, self.daemon.url, "--name", "Bo", "--room", "booth", "--audio-in", "none", "--record", heard)
        listener.until("You are in the call")
        speaker = Client(self, self.daemon.url, "--name", "Ada", "--room", "booth", "--audio-in", f"loop:{said}", "--record", own)
        listener.until("Ada is talking")
        speaker.say("/test-mic")
        speaker.until("Speak now")
        listener.until("Ada is done talking")
        speaker.until("This is you")
        speaker.until(r"Loud and clear: -\d+ dB")
        listener.until("Ada is talking")
        self.assertEqual(speaker.leave(), 0)
        listener.until("Ada left")
        self.assertEqual(listener.leave(), 0)
        loud = [level > 300 for level in envelope(own)]
        self.assertGreater(sum(loud), 60)  # of 150 pieces of 20 ms, the babble's own pauses among them
        quiet = longest = 0
        for level in envelope(heard):
            quiet = quiet + 1 if level < 50 else 0
            longest = max(longest, quiet)
        self.assertGreater(longest, 200)  # four seconds and more

    def test_a_wizard_without_devices_says_why_not(self):
        said = f"{self.home}/said.wav"
        babble(said, 0.5)
        ada = Client(self, self.daemon.url, "--name", "Ada", "--no-audio")
        bo = Client(self, self.daemon.url, "--name", "Bo", "--play", said, "--audio-out", "none")
        for client in (ada, bo):
            client.until("You are in")
            client.say("/audio-wizard")
            client.say("/test-mic" if client is ada else "")
            self.assertEqual(client.leave(), 0)
        ada.complained("This run has no sound"), ada.complained("There is no microphone to test")
        bo.complained("stands in for a device")

    def test_hosting_a_house(self):
        host = Client(self, "host", "--name", "Ada", "--no-audio")
        link = host.until(r"https://127\.0\.0\.1:\d+/r/call-[0-9a-f]{16}").split()[-1]
        fingerprint = host.until("fingerprint is").rsplit(" ", 1)[1]
        host.until("You are in")
        guest = self.client("Bo", "--accept-fingerprint", fingerprint, url=link, home=self.home + "/run")
        guest.until("You are in. Here: Ada, Bo")
        guest.say("here I am")
        host.until("<Bo> here I am")
        children = subprocess.run(["pgrep", "-P", str(host.process.pid)], capture_output=True, text=True).stdout.split()
        self.assertEqual(len(children), 1)
        host.process.kill()  # however we die, the daemon dies with us
        guest.until("Trying again")
        end = time.monotonic() + PATIENCE
        while os.path.exists(f"/proc/{children[0]}") and time.monotonic() < end:
            threading.Event().wait(0.05)
        self.assertFalse(os.path.exists(f"/proc/{children[0]}"))
        folders = [name for name in os.listdir(self.home) if name.startswith("earshot-host-")]
        self.assertEqual(len(folders), 1)
        self.assertEqual(run(self.home, "host", "--no-audio")[0], 0)  # sweeps what the killed one could not
        self.assertEqual([name for name in os.listdir(self.home) if name.startswith("earshot-host-")], [])

    def test_leaving_a_hosted_house_leaves_nothing(self):
        home = self.home + "/tmp"
        os.mkdir(home)
        done = subprocess.run([CLIENT, "host", "--no-audio"], input="/who\n", capture_output=True, text=True, timeout=PATIENCE, env={**environment(self.home), "TMPDIR": home})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(os.listdir(home), [])

    def test_the_example_bot_answers(self):
        bot = subprocess.Popen([os.path.join(ROOT, "docs/examples/dice_bot.sh"), CLIENT, self.daemon.url], env=environment(self.home), stdin=subprocess.DEVNULL)
        self.addCleanup(bot.wait)
        self.addCleanup(bot.terminate)
        ada = self.client("Ada", "--room", "games")
        if "Dice" not in ada.until("You are in"):
            ada.until("Dice came in")
        ada.say("!roll")
        ada.until("<Dice> Ada rolls [1-6]$")
        ada.say("!bye")
        ada.until("Dice left")

    def test_help_version_completions(self):
        code, out, _ = run(self.home, "--help")
        self.assertEqual(code, 0)
        for word in ("--accept-fingerprint", "--low-delay", "earshot host", "earshot ctl"):
            self.assertIn(word, out)
        self.assertRegex(run(self.home, "--version")[1], r"^earshot \d")
        script = run(self.home, "completion", "bash")[1]
        done = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(earshot --acc); COMP_CWORD=1; _earshot; echo ${COMPREPLY[@]}"], capture_output=True, text=True)
        self.assertEqual(done.stdout, "--accept-fingerprint\n", done.stderr)

    def test_a_start_is_quick(self):
        times = []
        for _ in range(5):
            began = time.monotonic()
            ada = self.client("Ada")
            ada.until("You are in")
            times.append((time.monotonic() - began) * 1000)
            ada.leave()
        print(f"start to joined: {sorted(times)[2]:.0f} ms (median of 5)")
        self.assertLess(min(times), 400)


if __name__ == "__main__":
    unittest.main(verbosity=2)
