"""A running earshotd on free ports of loopback, as an attacker and his judge see it."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

DAEMON = os.path.abspath(os.environ.get("EARSHOTD", "build/release/earshotd"))
PATIENCE = 20
LISTENERS = ("web", "web-tls", "media", "plain-text", "plain-voice", "metrics")


def eventually(condition, within=PATIENCE):
    """What the condition became when it was true at last, or what it is when time is up."""
    until = time.monotonic() + within
    while not (value := condition()) and time.monotonic() < until:
        time.sleep(0.01)
    return value


class House:
    def __init__(self, *flags, limit_descriptors=None):
        self.directory = tempfile.mkdtemp()
        ports = [argument for name in LISTENERS for argument in (f"--{name}", "127.0.0.1:0")]
        command = [DAEMON, "--data", self.directory + "/data", *ports, *flags]
        if limit_descriptors:
            command = ["sh", "-c", f'ulimit -n {limit_descriptors}; exec "$@"', "sh", *command]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace")
        self.lines, self.ports = [], {}
        self.secrets = set()  # what the log must not hold
        ready = threading.Event()
        self.reader = threading.Thread(target=self._read, args=(ready,), daemon=True)
        self.reader.start()
        if not ready.wait(PATIENCE):
            raise RuntimeError(f"not ready: {self.lines}")

    def _read(self, ready):
        for line in self.process.stderr:
            self.lines.append(line.rstrip("\n"))
            if match := re.match(r"listening (\S+) .*:(\d+)$", line):
                self.ports[match[1]] = int(match[2])
            if line == "ready\n":
                ready.set()

    def address(self, listener):
        return ("127.0.0.1", self.ports[listener])

    def get(self, path, listener="web"):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[listener]}{path}", timeout=PATIENCE) as answer:
            return answer.read().decode()

    def metrics_text(self):
        return self.get("/metrics", "metrics")

    def metrics(self):
        lines = (line.rsplit(" ", 1) for line in self.metrics_text().splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in lines}

    def metric(self, name):
        return self.metrics()[name]

    def dropped(self, reason):
        return self.metric(f'earshot_dropped_total{{reason="{reason}"}}')

    def settled_datagrams(self, at_least):
        """Datagrams that came in, once there are as many as were sent (or no more are to be expected)."""
        return eventually(lambda: (n := self.metric('earshot_datagrams_total{direction="in"}')) >= at_least and n, 2) or self.metric('earshot_datagrams_total{direction="in"}')

    def memory_mb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def processor_seconds(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def health_seconds(self):
        started = time.monotonic()
        assert self.get("/healthz") == "ok\n"
        return time.monotonic() - started

    def stop(self):
        """The exit code; everything that it logged lies in `lines`."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.reader.join(PATIENCE)
            self.process.stderr.close()
            shutil.rmtree(self.directory, ignore_errors=True)
        return code

    def leaks(self):
        log = "\n".join(self.lines)
        return {secret for secret in self.secrets if secret in log}


class Siege(unittest.TestCase):
    """Attacks on one house. Afterwards it stands, answers, ends in order and has told nobody's secrets."""

    flags = ()

    @classmethod
    def setUpClass(cls):
        cls.house = House(*cls.flags)

    @classmethod
    def tearDownClass(cls):
        code = cls.house.stop()
        if code != 0 or (told := cls.house.leaks()):
            raise AssertionError(f"exit code {code}; log: {cls.house.lines[-20:]}" if code else f"the log tells {told}")

    def tearDown(self):
        self.assertIsNone(self.house.process.poll(), self.house.lines[-20:])
        self.assertEqual(self.house.get("/healthz"), "ok\n")

    def grows(self, name, by=1):
        """A context: the metric grows by at least so much."""
        return _Grows(self, name, by)


class _Grows:
    def __init__(self, test, name, by):
        self.test, self.name, self.by = test, name, by

    def __enter__(self):
        self.before = self.test.house.metric(self.name)

    def __exit__(self, kind, *_):
        if kind is None:
            enough = eventually(lambda: self.test.house.metric(self.name) >= self.before + self.by, 5)
            self.test.assertTrue(enough, f"{self.name} is {self.test.house.metric(self.name)} and was {self.before}")
