#!/usr/bin/env python3
"""A Voix client: says each line typed, plays a file into the channel's talk, records what the others say.

    voix_client.py NICK [SAY.wav [HEAR.raw]]         HOST=127.0.0.1 PORT=4444 CHANNEL=#lobby

Both are 48 kHz, mono, 16 bit. The end of the input disconnects.
"""
import os
import select
import socket
import sys
import time
import wave

host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "4444"))
channel, nick = os.environ.get("CHANNEL", "#lobby"), sys.argv[1]
FRAMES = 960  # 20 ms, 1,920 bytes: one datagram

lines = socket.create_connection((host, port))
talk = socket.socket(lines.family, socket.SOCK_DGRAM)
talk.connect((host, port))
sound = wave.open(sys.argv[2]) if len(sys.argv) > 2 else None
record = open(sys.argv[3], "wb") if len(sys.argv) > 3 else None


def say(line):
    lines.sendall(line.encode() + b"\n")


say(f'CONNECT: "{nick}" "{nick}" 1.0.0')
say(f"JOIN: {channel}")
say(f"TALK {channel}: REQUEST")
rest, key, due, tied, typing = b"", None, 0.0, 0.0, True
while typing:
    ready, _, _ = select.select([lines, talk, sys.stdin], [], [], max(0, due - time.monotonic()) if key else None)
    if lines in ready:
        part = lines.recv(4096)
        *whole, rest = (rest + part).split(b"\n")
        typing = bool(part)
        for line in (one.decode() for one in whole):
            command, _, what = line.partition(": ")
            print(line, flush=True)
            if command == "PING":
                say(f"PONG: {what}")
            elif command.startswith(f"TALK {channel} "):
                key, due = command.split()[-1], time.monotonic()
    if talk in ready and len(datagram := talk.recv(4096)) == 2 * FRAMES and record:
        record.write(datagram)
    if sys.stdin in ready:
        text = sys.stdin.readline()
        say(f"MSG {channel}: {text.strip()}" if text else "DISCONNECT")
    if key and time.monotonic() >= due:
        if due - tied >= 1:  # a datagram may be lost, so he says now and then whose he is
            talk.send(f"TALKSESSION: {key}".encode())
            tied = due
        if sound and len(frames := sound.readframes(FRAMES)) == 2 * FRAMES:
            talk.send(frames)
        due += 0.02
