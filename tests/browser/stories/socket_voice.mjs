// A bare voice socket in the call of a browser: raw sound over TCP, both ways.
import { connect } from "node:net";
import { PlainSocket } from "../lib/plain.mjs";
import { best_channel, expect_heard } from "../lib/person.mjs";
import { from_int16, voice_samples } from "../lib/speech.mjs";
import { expect, story } from "../lib/story.mjs";

const RATE = 48_000;
const PIECE = 1024;
const LISTEN_S = 6;
const KNOWN_WAVE = 0.6;
const SILENCE = 10 ** (-80 / 20);

/** Speaks a voice over and over at the pace of real time, and keeps what it is sent. */
class VoiceSocket {
  static async connect(port, voice) {
    const made = new VoiceSocket();
    made.said = voice_samples(voice);
    made.pieces = [];
    made.socket = connect(port, "127.0.0.1");
    made.socket.on("data", (bytes) => made.pieces.push(bytes)).on("error", () => undefined);
    await new Promise((resolve) => made.socket.once("connect", resolve));
    return made;
  }

  speak() {
    const began = performance.now();
    let sent = 0;
    this.timer = setInterval(() => {
      const due = ((performance.now() - began) / 1000) * RATE;
      for (; sent + PIECE <= due; sent += PIECE) {
        const bytes = Buffer.alloc(PIECE * 2);
        for (let i = 0; i < PIECE; ++i)
          bytes.writeInt16LE(Math.round(this.said[(sent + i) % this.said.length] * 32_767), i * 2);
        this.socket.write(bytes);
      }
    }, 10);
  }

  stop() {
    clearInterval(this.timer);
  }

  heard(seconds) {
    const bytes = Buffer.concat(this.pieces);
    return from_int16(bytes.subarray(Math.max(0, bytes.length - seconds * RATE * 2) & ~1));
  }

  close() {
    this.stop();
    this.socket.destroy();
  }
}

story("a bare voice socket and a browser hear each other, and it leaves with its text", async (stage) => {
  const daemon = await stage.own_daemon({ settings: { "plain.rate": RATE, "plain.channels": 1 } });
  const text = await PlainSocket.connect(daemon.ports["plain-text"]);
  const voice = await VoiceSocket.connect(daemon.ports["plain-voice"], "bob");
  stage.closers.push(
    async () => text.close(),
    async () => voice.close(),
  );
  await text.hears("Enter your name:");
  text.write("socket");
  await text.hears("Welcome socket!");
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(
    voice.heard(1).every((sample) => Math.abs(sample) < SILENCE),
    "the socket hears something in an empty call",
  );

  const ada = await stage.arrive("ada");
  await ada.enter(`${daemon.url}/r/lobby`, "Join call");
  await ada.person("socket").waitFor();
  voice.speak();
  await ada.hears_somebody();
  await expect_heard(stage, [[ada, "bob"]]);
  await ada.page.waitForTimeout(LISTEN_S * 1000);
  const back = best_channel([voice.heard(4)], "ada");
  stage.note(`the socket hears ada: wave ${back.wave.toFixed(3)} in ${back.level_db.toFixed(0)} dB`);
  expect(back.wave >= KNOWN_WAVE, "the socket does not hear ada");
  const own = best_channel([voice.heard(4)], "bob");
  expect(own.wave < KNOWN_WAVE, "the socket hears itself");

  text.write("{quit}");
  await ada.person("socket").waitFor({ state: "detached" });
});
