#!/usr/bin/env python3
"""The TLS listener: old versions, weak ciphers, garbage, and what is neither TLS nor media."""
import os
import socket
import ssl
import time
import unittest
import warnings

from house import PATIENCE, Siege, eventually
from visitors import Web, everything, tls_context


def hello_record(version, suites):
    """A ClientHello by hand, for versions and ciphers that our own library will not speak."""
    body = version + os.urandom(32) + b"\0" + (2 * len(suites)).to_bytes(2, "big") + b"".join(suite.to_bytes(2, "big") for suite in suites) + b"\1\0"
    extensions = b"\0\x0a\0\4\0\2\0\x17" + b"\0\x0b\0\2\1\0" + b"\0\x0d\0\x08\0\6\4\3\4\1\2\1"
    body += len(extensions).to_bytes(2, "big") + extensions
    handshake = b"\1" + len(body).to_bytes(3, "big") + body
    return b"\x16\3\1" + len(handshake).to_bytes(2, "big") + handshake


class TlsSiege(Siege):
    def connect(self, **changes):
        with socket.create_connection(self.house.address("web-tls"), PATIENCE) as raw, tls_context(**changes).wrap_socket(raw) as stream:
            return stream.version(), stream.cipher()

    def answer_to(self, bytes_):
        with socket.create_connection(self.house.address("web-tls"), PATIENCE) as knock:
            knock.sendall(bytes_)
            return everything(knock, 12)

    def test_old_versions_are_refused(self):
        for version in (b"\3\0", b"\3\1", b"\3\2"):  # SSL 3, TLS 1.0, TLS 1.1
            got, ended = self.answer_to(hello_record(version, [0xC009, 0xC013, 0xC02B]))
            self.assertTrue(ended)
            self.assertNotEqual(got[:1], b"\x16", version)  # no ServerHello
            self.assertIn(got[5:7], (b"\2\x46", b"\2\x28", b""), version)  # fatal protocol_version or handshake_failure

    def test_only_ciphers_with_forward_secrecy_and_authentication(self):
        weak = [0x0005, 0x000A, 0x002F, 0x0035, 0x009C, 0x009D, 0x009E, 0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC027, 0xC02D, 0x0000, 0xC018]
        for suite in weak:
            got, ended = self.answer_to(hello_record(b"\3\3", [suite]))
            self.assertTrue(ended)
            self.assertNotEqual(got[:1], b"\x16", hex(suite))

    def test_1_2_and_1_3_with_good_ciphers(self):
        version, cipher = self.connect(minimum_version=ssl.TLSVersion.TLSv1_3)
        self.assertEqual(version, "TLSv1.3")
        self.assertRegex(cipher[0], "GCM|POLY1305")
        version, cipher = self.connect(maximum_version=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(version, "TLSv1.2")
        self.assertRegex(cipher[0], "^ECDHE-.*(GCM|POLY1305)")

    def test_other_protocols_are_refused(self):
        context = tls_context()
        context.set_alpn_protocols(["h2", "ftp"])
        with socket.create_connection(self.house.address("web-tls"), PATIENCE) as raw, self.assertRaises(ssl.SSLError):
            context.wrap_socket(raw)

    def test_renegotiation_and_resumption_are_not_offered(self):
        context = tls_context(maximum_version=ssl.TLSVersion.TLSv1_2)
        sessions = []
        for session in (None, "again"):
            with socket.create_connection(self.house.address("web-tls"), PATIENCE) as raw, context.wrap_socket(raw, session=sessions[0] if session else None) as stream:
                self.assertFalse(stream.session_reused)
                sessions.append(stream.session)

    def test_garbage_ends_and_is_counted(self):
        garbage = (b"\x16\3\1\0\5hello", b"\x16\3\1\xff\xff" + os.urandom(65535), b"GET / HTTP/1.1\r\n\r\n", b"\x80\x2e\1\0\2" + os.urandom(60), os.urandom(1000).replace(b"\x16", b"\x17"),
                   b"\x15\3\3\0\2\2\x28",
                   b"\x16\3\1\0\4\1\0\0\0", b"\x17\3\3\0\x20" + os.urandom(32), hello_record(b"\3\3", [0xC02B])[:60] + os.urandom(200), b"\xff" * 5000)
        with self.grows("earshot_tls_failures_total", len(garbage) - 3):
            for bytes_ in garbage:
                bytes_ = bytes([max(bytes_[0], 6)]) + bytes_[1:]  # up to 5 it would be media
                with self.subTest(bytes_=bytes_[:8]), socket.create_connection(self.house.address("web-tls"), PATIENCE) as knock:
                    try:
                        knock.sendall(bytes_)
                        knock.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
                    self.assertTrue(everything(knock, 5)[1])

    def test_a_handshake_that_is_flipped_anywhere_fails_in_order(self):
        hello = hello_record(b"\3\3", [0xC02B, 0xC02F, 0xCCA9])
        for at in range(0, len(hello), 3):
            with socket.create_connection(self.house.address("web-tls"), PATIENCE) as knock:
                knock.sendall(hello[:at] + bytes([hello[at] ^ 0x15]) + hello[at + 1:])

    def test_garbage_inside_tls(self):
        for bytes_ in (os.urandom(3000), b"\r\n" * 2000, b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 3000):
            with socket.create_connection(self.house.address("web-tls"), PATIENCE) as raw, tls_context().wrap_socket(raw) as stream:
                try:
                    stream.sendall(bytes_)
                    everything(stream, 5)
                except OSError:
                    pass
        guest = Web(self.house, "Ada", listener="web-tls", join="#lobby")
        self.addCleanup(guest.close)
        guest.say("#lobby", "still whole after the garbage")

    def test_connections_cut_in_the_middle_are_cleaned_up(self):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            before = self.house.descriptors()
            for n in range(150):
                knock = socket.create_connection(self.house.address("web-tls"), PATIENCE)
                if n % 3 == 0:
                    knock.sendall(hello_record(b"\3\3", [0xC02B])[:n])
                if n % 3 == 1:
                    knock = tls_context().wrap_socket(knock)
                    knock.sendall(b"GET /healthz HTTP/1.1\r\nHo")
                knock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # ends with a reset
                knock.close()
        self.assertTrue(eventually(lambda: self.house.descriptors() <= before + 2), self.house.descriptors())

    def test_garbage_for_the_media_in_floods(self):
        """Up to 5 the first byte says media: hundreds of strangers come and go by that door."""
        before = self.house.descriptors()
        for first in range(6):
            for _ in range(40):
                with socket.create_connection(self.house.address("web-tls"), PATIENCE) as knock:
                    knock.sendall(bytes([first]) + os.urandom(100))
        self.assertTrue(eventually(lambda: self.house.descriptors() <= before + 2), self.house.descriptors())


if __name__ == "__main__":
    unittest.main()
