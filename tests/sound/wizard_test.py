"""The audio wizard and /test-mic on real devices, by lines: a PulseAudio of its own, a voice that is played into what is the microphone, and
the settings file afterwards.

    tests/sound/wizard_test.py build/release/earshot build/release/earshotd
"""
import os
import pathlib
import queue
import re
import subprocess
import sys
import threading
import time
import tomllib
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
CLIENT, DAEMON = (os.path.abspath(path) for path in sys.argv[1:3]) if len(sys.argv) > 2 else ("build/release/earshot", "build/release/earshotd")
import client_test  # noqa: E402  (it takes its own words from the command line)
from devices_test import Pulse  # noqa: E402

PATIENCE = 40


class Wizard(unittest.TestCase):
    def setUp(self):
        self.pulse = Pulse()
        self.addCleanup(self.pulse.close)
        self.home = pathlib.Path(self.pulse.folder.name)
        self.pulse.control("load-module", "module-remap-source", "source_name=yeti", "master=cable.monitor", "source_properties=device.description=Yeti", check=True)
        self.daemon = client_test.Daemon(str(self.home / "data"))
        self.addCleanup(self.daemon.stop)
        self.voice = str(self.home / "voice.wav")
        client_test.babble(self.voice, 12)

    def start(self):
        environment = dict(self.pulse.environment, XDG_CONFIG_HOME=str(self.home / "config"), TERM="dumb", USER="tester")
        self.client = subprocess.Popen([CLIENT, self.daemon.url, "--name", "Ada"], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.client.stdout.close)
        self.addCleanup(self.client.wait)
        self.addCleanup(self.client.kill)
        self.lines, self.seen = queue.Queue(), []
        threading.Thread(target=lambda: [self.lines.put(line.rstrip("\n")) for line in self.client.stdout], daemon=True).start()
        self.until("You are in the call")

    def say(self, text):
        self.client.stdin.write(text + "\n")
        self.client.stdin.flush()

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
        raise AssertionError(f"no line like {pattern!r}; seen: {self.seen}")

    def speak(self):
        player = subprocess.Popen(["paplay", "--device=cable", self.voice], env=self.pulse.environment)
        self.addCleanup(player.wait)
        self.addCleanup(player.kill)
        return player

    def settings(self):
        return tomllib.loads((self.home / "config/earshot/client.toml").read_text())["client"]

    def test_from_the_first_question_to_the_settings_file(self):
        self.start()
        self.say("/audio-wizard")
        self.until("1 of 5: Which microphone")
        number = re.search(r"(\d+) Yeti", self.until("Yeti"))[1]
        self.say(number)
        self.until("2 of 5: Which loudspeakers")
        self.say("")
        self.until("3 of 5: Say nothing")
        self.until("4 of 5: Now say something")
        player = self.speak()
        measured = self.until("the gate stands at")
        print(" ", measured)
        voice, gate = (int(number) for number in re.findall(r"(-\d+) dB", measured)[-2:])  # of the room there is nothing to hear
        self.assertIn("Your room is silent", measured)
        self.assertLess(gate, voice - 11)
        self.say("2")
        self.until("while you press to talk")
        self.until("Your sound is set")
        player.kill()
        self.say("/test-mic")
        self.until("Speak now")
        self.speak()
        self.until("This is you")
        self.until("Loud and clear|clipped|faint")
        self.say("/quit")
        self.assertEqual(self.client.wait(PATIENCE), 0)
        kept = self.settings()
        self.assertEqual((kept["input"], kept["mode"], kept["gate"]), ("Yeti", "ptt", gate))

    def test_a_muted_microphone_is_told_and_skip_leaves(self):
        self.start()
        self.say("/audio-wizard")
        self.until("1 of 5")
        self.until("I hear nothing at all: is the microphone muted")
        self.say("skip")
        self.until("whenever you like")
        self.say("/test-mic")
        self.until("Nothing came from")
        self.say("/quit")
        self.assertEqual(self.client.wait(PATIENCE), 0)
        self.assertEqual(self.settings()["gate"], 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
