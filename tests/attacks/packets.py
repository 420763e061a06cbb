"""Datagrams as a browser sends them, and as it never would: STUN, DTLS, RTP; and an SDP offer read and answered."""
import hashlib
import hmac
import os
import re
import struct
import zlib

COOKIE = 0x2112A442


def attribute(kind, value):
    return struct.pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4)


def binding(ufrag, password, mine="mine", use_candidate=True, fingerprint=True, integrity=True, transaction=None, extra=b""):
    """A Binding request of a controlling agent (RFC 8445 section 7.1, RFC 8489 sections 14.5 and 14.7)."""
    body = attribute(0x0006, f"{ufrag}:{mine}".encode()) + attribute(0x0024, struct.pack(">I", 0x6E7F1EFF)) + attribute(0x802A, bytes(8))
    body += (attribute(0x0025, b"") if use_candidate else b"") + extra
    head = lambda size: struct.pack(">HHI", 0x0001, size, COOKIE) + transaction
    transaction = transaction or os.urandom(12)
    if integrity:
        body += attribute(0x0008, hmac.new(password.encode(), head(len(body) + 24) + body, hashlib.sha1).digest())
    if fingerprint:
        body += attribute(0x8028, struct.pack(">I", zlib.crc32(head(len(body) + 8) + body) ^ 0x5354554E))
    return head(len(body)) + body


def is_success(datagram, request):
    return datagram[:2] == b"\x01\x01" and datagram[4:20] == request[4:20]


def client_hello(random=None):
    """A whole DTLS 1.2 ClientHello that offers what browsers offer (RFC 6347, 5764, 7627, 8422)."""
    extension = lambda kind, value: struct.pack(">HH", kind, len(value)) + value
    extensions = extension(10, struct.pack(">HHH", 4, 29, 23)) + extension(11, b"\x01\x00") + extension(13, struct.pack(">HHHH", 6, 0x0403, 0x0804, 0x0401))
    extensions += extension(14, struct.pack(">HHHB", 4, 7, 1, 0)) + extension(23, b"") + extension(0xFF01, b"\x00")
    suites = struct.pack(">4H", 0xC02B, 0xC02C, 0xCCA9, 0xC02F)
    body = b"\xFE\xFD" + (random or os.urandom(32)) + b"\x00\x00" + struct.pack(">H", len(suites)) + suites + b"\x01\x00" + struct.pack(">H", len(extensions)) + extensions
    size = struct.pack(">I", len(body))[1:]
    handshake = b"\x01" + size + struct.pack(">H", 0) + bytes(3) + size + body
    return b"\x16\xFE\xFD" + bytes(8) + struct.pack(">H", len(handshake)) + handshake


def rtp(size=100):
    return b"\x80\x6F" + os.urandom(size)


def rtcp(size=60):
    return b"\x80\xC8" + struct.pack(">H", size // 4 - 1) + os.urandom(size - 4)


def framed(datagram):
    return struct.pack(">H", len(datagram)) + datagram  # RFC 4571


class Offer:
    def __init__(self, sdp):
        self.sdp = sdp
        self.ufrag = re.search(r"^a=ice-ufrag:(\S+)", sdp, re.M)[1]
        self.password = re.search(r"^a=ice-pwd:(\S+)", sdp, re.M)[1]

    def check(self, **how):
        return binding(self.ufrag, self.password, **how)

    def answer(self):
        """Every m-line taken as it was offered, the other way round; with credentials and a certificate of nobody."""
        turned = {"sendonly": "recvonly", "recvonly": "sendonly", "sendrecv": "sendrecv", "inactive": "inactive"}
        lines = []
        for line in self.sdp.splitlines():
            if re.match(r"a=(candidate|end-of-candidates|ssrc|msid|ice-lite|ice-options)", line):
                continue
            line = re.sub(r"^a=(sendonly|recvonly|sendrecv|inactive)$", lambda m: "a=" + turned[m[1]], line)
            line = re.sub(r"^a=ice-ufrag:.*", "a=ice-ufrag:mine", line)
            line = re.sub(r"^a=ice-pwd:.*", "a=ice-pwd:" + "p" * 24, line)
            line = re.sub(r"^a=fingerprint:.*", "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), line)
            lines.append(re.sub(r"^a=setup:.*", "a=setup:active", line))
        return "\r\n".join(lines) + "\r\n"
