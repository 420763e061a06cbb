#!/usr/bin/env python3
"""Malformed, huge, slow and lying requests to the web and metrics listeners."""
import re
import socket
import time
import unittest

from house import PATIENCE, House, Siege, eventually
from visitors import Answer, ask, everything

SAFE_HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options", "Cross-Origin-Resource-Policy")


def request(target="/", method="GET", host="localhost", version="HTTP/1.1", more=""):
    return f"{method} {target} {version}\r\n{'' if host is None else f'Host: {host}' + chr(13) + chr(10)}{more}\r\n".encode("latin-1")


class HttpSiege(Siege):
    def expect(self, raw, *statuses, listener="web"):
        """One of these statuses (0: closed without an answer), and no answer without the safe headers."""
        answer = ask(self.house, raw, listener)
        self.assertIn(answer.status, statuses, raw[:120])
        if answer.status:
            for name in SAFE_HEADERS:
                self.assertIsNotNone(answer.header(name), (raw[:120], answer.headers))
            self.assertIn("default-src 'none'", answer.header("Content-Security-Policy"))
            self.assertEqual(sum(name.lower() == "content-security-policy" for name, _ in answer.headers), 1)
        return answer

    def test_no_http_at_all(self):
        junk = (b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(50), b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\nHost: a\n\n",
                b" GET / HTTP/1.1\r\n\r\n", b"GET  /  HTTP/1.1\r\n\r\n", b"G\0T / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
                b"GET / HTTP/1.1\r\n Host: localhost\r\n\r\n", b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\xff\xfe\xfd" * 50)
        with self.grows('earshot_http_refusals_total{reason="malformed"}', len(junk) // 2):
            for raw in junk:
                for listener in ("web", "metrics"):
                    self.expect(raw, 0, 400, listener=listener)

    def test_what_is_too_large(self):
        with self.grows('earshot_http_refusals_total{reason="limit"}', 3):
            self.expect(request("/" + "a" * 20_000), 414, 431)
            self.expect(request(more="X: " + "a" * 20_000 + "\r\n"), 431)
            self.expect(request(more="".join(f"X-{n}: {n}\r\n" for n in range(5000))), 431)
            self.expect(request(more="X" * 9000), 431)
        memory = self.house.memory_mb()
        with socket.create_connection(self.house.address("web"), PATIENCE) as knock:
            try:
                for _ in range(200):
                    knock.sendall(b"a" * 65536)
            except OSError:
                pass
        self.assertLess(self.house.memory_mb(), memory + 2)

    def test_methods_and_bodies(self):
        for method in ("POST", "PUT", "DELETE", "TRACE", "OPTIONS", "PATCH", "PROPFIND", "get"):
            self.expect(request(method=method), 405)
        self.expect(request(method="CONNECT", target="localhost:1"), 400, 405)
        trace = self.expect(request(method="TRACE", more="X-Secret: hush\r\n"), 405)
        self.assertNotIn(b"hush", trace.body)
        self.expect(request(method="POST", more="Content-Length: 5\r\n") + b"hello", 413)
        self.expect(request(more="Content-Length: 99999999999999\r\n"), 413)
        self.expect(request(more="Transfer-Encoding: chunked\r\n") + b"5\r\nhello\r\n0\r\n\r\n", 413)
        self.expect(request(method="POST", more="Content-Encoding: gzip\r\n"), 415)
        self.expect(request(method="POST", more="Content-Encoding: gzip\r\nContent-Length: 20\r\n") + b"\x1f\x8b" + bytes(18), 413, 415)
        head = self.expect(request(method="HEAD"), 200, 404)
        self.assertEqual(head.body, b"")

    def test_smuggling(self):
        for more in ("Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                     "Content-Length: -1\r\n", "Content-Length: 0x5\r\n", "Content-Length: 5, 5\r\n", "Transfer-Encoding: xchunked\r\n"):
            answer = self.expect(request(more=more) + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", 0, 400, 413)
            self.assertNotIn(b"HTTP/1.1", answer.body, more)  # what followed was not taken for a request

    def test_headers_that_are_smuggled_in(self):
        for target in ("/%0d%0aX-Evil:%201", "/r/a\x0bX-Evil: 1", "/?a=\x7f", "/r/%0aSet-Cookie:a=b"):
            answer = self.expect(request(target), 200, 400, 404)
            self.assertFalse([name for name, _ in answer.headers if name.lower() in ("x-evil", "set-cookie")])
        self.expect(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rX-Evil: 1\r\n\r\n", 0, 400)
        self.expect(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 0, 400)

    def test_names_of_other_hosts(self):
        with self.grows('earshot_http_refusals_total{reason="origin"}', 10):
            for host in ("evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "evil.example:80", "evil@localhost", "[::2]", "[", "]", ":", "", "127.0.0.2", "0"):
                self.expect(request(host=host), 0, 400, 421)
                self.expect(request("/metrics", host=host), 0, 400, 421, listener="metrics")
        self.expect(request(host=None), 400)
        self.expect(request(more="Host: localhost\r\n"), 400)
        self.expect(request("http://evil.example/"), 400)
        self.expect(request("http://localhost/healthz"), 400)
        self.expect(request("*", method="OPTIONS"), 400, 405)
        self.expect(request("healthz"), 400)
        for host in ("LOCALHOST", f"localhost:{self.house.ports['web']}", "127.0.0.1", "[::1]:80"):
            self.expect(request("/healthz", host=host), 200)

    def test_paths_that_lead_out(self):
        up = ["../" * n + name for n in (1, 2, 8) for name in ("etc/passwd", "tls.key", "data/tls.key", "earshot.db")]
        names = up + [name.replace("/", "%2f") for name in up] + [name.replace(".", "%2e") for name in up] + [name.replace("/", "\\") for name in up] + [name.replace("../", "..%c0%af") for name in up]
        names += ["%00", "index.html%00.js", "./index.html", "/index.html", "//evil.example/", "C:\\boot.ini", "CON", "nul", ".", "..", "...", "~root", ".git/config",
                  "a" * 4000, "%", "%zz", "\xff\xfe", "assets/../../tls.key"]
        for name in names:
            answer = self.expect(request("/" + name), 0, 400, 404, 431)
            for told in (b"root:", b"PRIVATE KEY", b"SQLite"):
                self.assertNotIn(told, answer.body)

    def test_pipelined_requests_are_answered_in_order(self):
        with socket.create_connection(self.house.address("web"), PATIENCE) as knock:
            knock.sendall(b"".join(request(f"/{'healthz' if n % 2 else 'nothing'}") for n in range(200)) + request("/healthz", more="Connection: close\r\n"))
            got, ended = everything(knock)
        self.assertTrue(ended)
        statuses = re.findall(rb"HTTP/1\.1 (\d+)", got)
        self.assertEqual(statuses, [b"404", b"200"] * 100 + [b"200"])

    def test_requests_without_end_are_not_answered_without_end(self):
        """Pipelined answers that nobody reads: no more is read either."""
        memory, sent = self.house.memory_mb(), 0
        with socket.create_connection(self.house.address("web"), PATIENCE) as knock:
            knock.settimeout(0.3)
            try:
                while sent < 64 << 20:
                    knock.sendall(request("/nothing") * 1000)
                    sent += 1000 * len(request("/nothing"))
            except OSError:
                pass
            self.assertLess(self.house.memory_mb(), memory + 2)
        self.assertLess(sent, 64 << 20)

    def test_300_half_open_heads_hinder_nobody_and_end(self):
        beginnings = {"web": b"GET / HTTP/1.1\r\nHo", "metrics": b"", "web-tls": b"\x16\x03\x01\x02\x00\x01"}
        descriptors = self.house.descriptors()
        crowd = [(socket.create_connection(self.house.address(listener), PATIENCE), beginnings[listener]) for listener in beginnings for _ in range(100)]
        started = time.monotonic()
        for sock, beginning in crowd:
            sock.sendall(beginning)
        times = []
        try:
            while time.monotonic() - started < 9:
                for sock, _ in crowd[:100:10]:
                    sock.sendall(b"s")  # a byte now and then buys no time
                times.append(self.house.health_seconds())
                time.sleep(0.5)
            self.assertLess(max(times), 1)
            self.assertTrue(eventually(lambda: self.house.descriptors() <= descriptors + 5, 6), self.house.descriptors())
        finally:
            for sock, _ in crowd:
                sock.close()

    def test_a_slow_reader_of_a_page_gets_all_of_it(self):
        """Slow is not wicked: a page takes as long as a thin line needs."""
        path = max(re.findall(r'(?:src|href)="(/[^"]+)"', self.house.get("/")) or ["/"], key=lambda name: len(self.house.get(name)) if name.endswith((".js", ".css")) else 0)
        size = len(self.house.get(path).encode())
        knock = socket.socket()
        self.addCleanup(knock.close)
        knock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        knock.connect(self.house.address("web"))
        knock.sendall(request(path, more="Connection: close\r\n"))
        got, _ = everything(knock, PATIENCE)
        self.assertEqual(len(Answer(got).body), size)


class Metrics(Siege):
    LINE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*"(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*")*\})? (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$')

    def test_metrics_are_well_formed(self):
        """Prometheus' text format: HELP and TYPE once, before the samples of a name, which stand together and differ."""
        text = self.house.metrics_text()
        self.assertTrue(text.endswith("\n"))
        types, helps, seen, samples, last = {}, set(), set(), set(), None
        for line in text.splitlines():
            if match := re.match(r"# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$", line):
                kind, name, rest = match.groups()
                self.assertNotIn(name, seen, line)
                self.assertNotIn(name, types if kind == "TYPE" else helps, line)
                if kind == "TYPE":
                    self.assertIn(rest, ("counter", "gauge", "histogram", "summary", "untyped"))
                    types[name] = rest
                else:
                    helps.add(name)
                continue
            match = self.LINE.match(line)
            self.assertIsNotNone(match, line)
            name, labels, value = match.groups()
            self.assertIn(name, types, line)
            self.assertIn(name, helps, line)
            self.assertNotIn((name, labels), samples, line)
            self.assertTrue(name == last or name not in seen, f"{name} is torn apart")
            self.assertEqual(types[name] == "counter", name.endswith("_total"), line)
            self.assertGreaterEqual(float(value), 0, line)
            samples.add((name, labels))
            seen.add(name)
            last = name
        self.assertGreater(len(samples), 20)

    def test_metrics_count_what_happens(self):
        with self.grows("earshot_http_requests_total", 10):
            for _ in range(10):
                ask(self.house, request("/healthz"))
        self.assertEqual(self.house.metric("earshot_members"), 0)

    def test_only_metrics_are_on_the_metrics_port(self):
        self.assertEqual(ask(self.house, request("/"), "metrics").status, 404)
        self.assertEqual(ask(self.house, request("/api/v1/socket"), "metrics").status, 404)
        self.assertEqual(ask(self.house, request("/metrics"), "web").status, 404)


class FewDescriptors(Siege):
    """A house with hardly a descriptor to spare."""

    @classmethod
    def setUpClass(cls):
        cls.house = House(limit_descriptors=64)

    def test_a_crowd_takes_all_descriptors_and_is_turned_away(self):
        crowd = [socket.create_connection(self.house.address(("web", "plain-text", "media", "web-tls")[n % 4]), PATIENCE) for n in range(160)]
        spent = self.house.processor_seconds()
        time.sleep(1)
        self.assertLess(self.house.processor_seconds() - spent, 0.3)  # no listener rings for ever
        for sock in crowd:
            sock.close()
        self.assertTrue(eventually(lambda: self.alive(), 10))

    def alive(self):
        try:
            return self.house.get("/healthz") == "ok\n"
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
