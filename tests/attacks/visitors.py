"""Those who knock: a WebSocket whose every bit can be chosen, a bare socket, an HTTP request of raw bytes."""
import base64
import json
import os
import re
import select
import socket
import ssl
import struct
import time

from house import PATIENCE
from packets import Offer

TEXT, BINARY, CLOSE, PING, PONG, CONTINUATION = 0x1, 0x2, 0x8, 0x9, 0xA, 0x0


class Ended(Exception):
    """The connection is over; its argument is the code of the Close frame, None without one."""


def everything(sock, within=PATIENCE):
    """What comes until the other side ends the connection, and whether it did."""
    until, got = time.monotonic() + within, b""
    while (left := until - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            part = sock.recv(65536)
        except TimeoutError:
            break
        except OSError:
            return got, True
        if not part:
            return got, True
        got += part
    return got, False


def tls_context(**changes):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for name, value in changes.items():
        setattr(context, name, value)
    return context


class Answer:
    def __init__(self, raw):
        head, _, self.body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        match = re.match(r"HTTP/1\.1 (\d{3}) \S", lines[0])
        self.status = int(match[1]) if match else 0
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:] if ":" in line]

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def ask(house, request, listener="web", within=PATIENCE):
    """Sends raw bytes, says that no more follow, and reads the answer to its end. An empty one has status 0."""
    with socket.create_connection(house.address(listener), PATIENCE) as knock:
        try:
            knock.sendall(request)
            knock.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # it was shown the door while it still spoke
        raw, _ = everything(knock, within)
    return Answer(raw)


class Web:
    def __init__(self, house, name=None, listener="web", join=None, headers=(), receive_buffer=None):
        self.house, self.request = house, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(house.address(listener))
        self.port = self.socket.getsockname()[1]
        if listener == "web-tls":
            self.socket = tls_context().wrap_socket(self.socket)
        self.buffer = b""
        self.status = self._open(headers)
        if name:
            self.hello(name)
        if join:
            self.ask("joined", type="join", room=join)

    def _open(self, headers):
        lines = {"Host": "localhost", "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                 "Sec-WebSocket-Protocol": "earshot.v1", **dict(headers)}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
        self.socket.sendall(f"GET /api/v1/socket HTTP/1.1\r\n{head}\r\n".encode())
        while b"\r\n\r\n" not in self.buffer:
            self._more()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        self.head = Answer(head + b"\r\n\r\n")
        return self.head.status

    def _more(self):
        part = self.socket.recv(65536)
        if not part:
            raise Ended(None)
        self.buffer += part

    def _take(self, size):
        while len(self.buffer) < size:
            self._more()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    # Frames (RFC 6455 section 5.2)
    @staticmethod
    def frame(payload=b"", opcode=TEXT, fin=True, reserved=0, masked=True, claim=None):
        size = len(payload) if claim is None else claim
        head = bytes([fin << 7 | reserved << 4 | opcode])
        head += bytes([masked << 7 | size]) if size < 126 else bytes([masked << 7 | 126]) + struct.pack(">H", size) if size < 65536 else bytes([masked << 7 | 127]) + struct.pack(">Q", size)
        return head + (bytes(4) if masked else b"") + payload

    def raw(self, payload=b"", **how):
        self.socket.sendall(self.frame(payload, **how))

    def receive_frame(self):
        first, second = self._take(2)
        size = second & 0x7F
        if size > 125:
            size = struct.unpack(">H", self._take(2))[0] if size == 126 else struct.unpack(">Q", self._take(8))[0]
        return first & 0xF, self._take(size)

    # Messages
    def send(self, **message):
        self.raw(json.dumps(message).encode())

    def receive(self):
        try:
            while True:
                opcode, payload = self.receive_frame()
                if opcode == CLOSE:
                    raise Ended(struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else None)
                if opcode == TEXT:
                    return json.loads(payload)
        except ConnectionError as error:
            raise Ended(None) from error

    def until(self, wanted, /, **fields):
        while True:
            message = self.receive()
            if message["type"] == wanted and all(message.get(key) == value for key, value in fields.items()):
                return message

    def ask(self, answer_kind, /, **message):
        """Sends a request; the answer, which must be of that kind."""
        self.request += 1
        self.send(request=self.request, **message)
        while (answer := self.receive()).get("request") != self.request:
            pass
        if answer["type"] != answer_kind:
            raise AssertionError(answer)
        return answer

    def hello(self, name):
        self.welcome = self.ask("welcome", type="hello", protocol=1, name=name, kind="browser")
        self.house.secrets.add(self.welcome["session"])

    def say(self, room, text):
        self.house.secrets.add(text)
        return self.ask("accepted", type="say", room=room, text=text, client_message_id=os.urandom(8).hex())

    def join_call(self, room):
        made = self.ask("call_offer", type="call_join", room=room, listen_only=False, muted=False)
        offer = Offer(made["sdp"])
        offer.call = made["call"]
        self.house.secrets.add(offer.password)
        return offer

    def round_trip(self):
        started = time.monotonic()
        self.ask("pong", type="ping")
        return time.monotonic() - started

    def end_code(self):
        """Reads on until the connection is over; the code of the Close frame, None without one."""
        try:
            while True:
                self.receive()
        except Ended as ended:
            return ended.args[0]

    def close(self):
        self.socket.close()


class Plain:
    def __init__(self, house, name=None):
        self.socket = socket.create_connection(house.address("plain-text"), PATIENCE)
        self.seen = b""
        if name:
            self.until(b"name:")
            self.line(name)
            self.until(b"Type {quit}")

    def line(self, text):
        self.socket.sendall(text.encode() + b"\n")

    def until(self, text):
        while text not in self.seen:
            part = self.socket.recv(65536)
            if not part:
                raise Ended(self.seen)
            self.seen += part
        before, _, self.seen = self.seen.partition(text)
        return before + text

    def close(self):
        self.socket.close()


def answers(sock, within=0.3):
    """The datagrams that come within so many seconds."""
    got, until = [], time.monotonic() + within
    while (left := until - time.monotonic()) > 0 and select.select([sock], [], [], left)[0]:
        got.append(sock.recv(65536))
    return got


def udp(house):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect(house.address("media"))
    return sock
