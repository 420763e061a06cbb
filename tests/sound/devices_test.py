"""Real devices by cubeb: a PulseAudio of its own with null sinks, a probe that plays and listens. Heard is what was played, by correlation;
a device that is pulled out is replaced with a word about it, and taken again when it is back."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

PROBE = os.environ.get("SOUND_PROBE", "build/release/sound_probe")
PATIENCE = 20


class Pulse:
    """A sound server with two outputs, Speakers and Cable; what is played into Cable is a microphone, and the default one."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="earshot_pulse_")
        path = pathlib.Path(self.folder.name)
        run = path / "run"
        run.mkdir(mode=0o700)
        socket = path / "socket"
        self.environment = dict(os.environ, HOME=str(path), XDG_RUNTIME_DIR=str(run), PULSE_RUNTIME_PATH=str(run), PULSE_SERVER=f"unix:{socket}")
        modules = [f"module-native-protocol-unix auth-anonymous=1 socket={socket}", self.sink("cable", "Cable"), self.sink("speakers", "Speakers")]
        command = ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--realtime=no", "--high-priority=no"]
        self.log = open(path / "log", "w+")
        environment = dict(self.environment)
        del environment["PULSE_SERVER"]
        self.process = subprocess.Popen(command + [a for m in modules for a in ("-L", m)], env=environment, stderr=self.log, stdout=self.log)
        self.wait_until(lambda: self.control("info").returncode == 0)
        self.control("set-default-sink", "speakers", check=True)
        self.control("set-default-source", "cable.monitor", check=True)

    @staticmethod
    def sink(name, description):
        return f'module-null-sink sink_name={name} rate=48000 channels=2 sink_properties=device.description="{description}"'

    def control(self, *arguments, check=False):
        return subprocess.run(["pactl", *arguments], env=self.environment, capture_output=True, text=True, check=check)

    def plug(self, name, description):
        return self.control("load-module", *self.sink(name, description).split(" ", 1), check=True).stdout.strip()

    @staticmethod
    def wait_until(condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("the sound server does not come up")
            time.sleep(0.05)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.log.close()
        self.folder.cleanup()


class Devices(unittest.TestCase):
    def setUp(self):
        self.pulse = Pulse()
        self.addCleanup(self.pulse.close)

    def probe(self, *arguments):
        return subprocess.Popen([PROBE, *map(str, arguments)], env=self.pulse.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def lines(self, *arguments):
        process = self.probe(*arguments)
        output, _ = process.communicate(timeout=60)
        return output.splitlines()

    def heard(self, lines):
        found = [line for line in lines if line.startswith("heard ")]
        self.assertTrue(found, lines)
        print(" ", found[0])
        return {key: float(value) for key, value in re.findall(r"(\w+)=(-?[\d.]+)", found[0])}

    def test_devices_have_their_names_and_the_defaults_are_known(self):
        lines = self.lines("list")
        self.assertIn("device output * real speakers Speakers", lines)
        self.assertIn("device output - real cable Cable", lines)
        self.assertIn("device input * monitor cable.monitor Monitor of Cable", lines)

    def test_what_is_played_is_heard(self):
        for period in (20000, 10000):
            # On a busy machine a device may run dry once; not every time.
            for _ in range(4):
                heard = self.heard(self.lines("Monitor of Cable", "Cable", 4, period))
                if heard["correlation"] > 0.99:
                    break
            self.assertGreater(heard["correlation"], 0.99)
            self.assertLess(heard["steps"], 1.5)
            self.assertLess(heard["delay_ms"], 60)

    def test_the_default_microphone_does_not_hear_the_speakers(self):
        heard = self.heard(self.lines("default", "default", 4))
        self.assertLess(heard["correlation"], 0.3)

    def test_a_name_that_does_not_exist_is_told(self):
        self.assertEqual(self.lines("default", "Gramophone", 1), ["error there is no output called Gramophone"])

    def test_a_device_that_is_pulled_out_is_replaced_and_taken_again(self):
        module = self.pulse.plug("headset", "Headset")
        process = self.probe("default", "Headset", 6)
        self.assertEqual(process.stdout.readline().strip(), "using Monitor of Cable | Headset | echo free")
        self.pulse.control("unload-module", module, check=True)
        self.assertEqual(process.stdout.readline().strip(), "notice The output Headset is gone; using Speakers.")
        self.pulse.plug("headset", "Headset")
        self.assertEqual(process.stdout.readline().strip(), "notice The output Headset is back.")
        output, _ = process.communicate(timeout=60)
        blocks = self.heard(output.splitlines())["blocks"]
        self.assertGreater(blocks, 300)  # of 600 in 6 s: it went on playing

    def test_the_default_is_followed(self):
        process = self.probe("Monitor of Cable", "default", 6)
        self.assertIn("| Speakers |", process.stdout.readline())
        self.pulse.control("set-default-sink", "cable", check=True)
        output, _ = process.communicate(timeout=60)
        lines = output.splitlines()
        self.assertIn("notice The output is now Cable.", lines)
        self.assertGreater(self.heard(lines)["correlation"], 0.9)

    def test_without_a_sound_system_that_is_said(self):
        environment = dict(self.pulse.environment, PULSE_SERVER="unix:/nowhere/at/all", ALSA_CONFIG_PATH="/nowhere/at/all")
        lines = subprocess.run([PROBE, "list"], env=environment, capture_output=True, text=True, timeout=60).stdout.splitlines()
        self.assertTrue(lines == [] or lines[0].startswith("error ") or all("device" in line for line in lines), lines)


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        PROBE = sys.argv.pop(1)
    unittest.main(verbosity=2)
