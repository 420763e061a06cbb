// Between a speaker and a listener: passes everything on, but loses and delays voice packets by a seeded weather, and notes when each left.
import { createSocket } from "node:dgram";

const BASE_MS = 120;
const FRAME = 960;

/** Numbers from 0 to 1 by a seed (mulberry32). */
function seeded(seed) {
  let state = seed * 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

// Voice, and neither reports nor the padding that probes for bandwidth.
const is_voice = (packet) => (packet[0] & 0xe0) === 0x80 && !((packet[1] & 0x7f) >= 64 && (packet[1] & 0x7f) < 96);

export class Relay {
  packets = new Map();
  losing = 0;
  free = 0;

  static async start(address, port, weather, seed) {
    const relay = new Relay();
    Object.assign(relay, { weather, random: seeded(seed), listener: { address, port } });
    relay.facing_speaker = await bound();
    relay.facing_listener = await bound();
    relay.port = relay.facing_speaker.address().port;
    relay.facing_speaker.on("message", (packet, from) => relay.from_speaker(packet, from));
    relay.facing_listener.on("message", (packet) => relay.speaker && relay.facing_speaker.send(packet, relay.speaker.port, relay.speaker.address));
    return relay;
  }

  from_speaker(packet, from) {
    this.speaker = from;
    if (!is_voice(packet)) return this.pass(packet);
    const now = performance.now();
    const note = { came: now };
    this.first_timestamp ??= packet.readUInt32BE(4);
    this.packets.set(((packet.readUInt32BE(4) - this.first_timestamp) >>> 0) / FRAME, note);
    if (this.lost()) return;
    const copy = Buffer.from(packet);
    setTimeout(() => {
      note.left = performance.now();
      this.pass(copy);
    }, this.delay(now));
  }

  pass(packet) {
    this.facing_listener.send(packet, this.listener.port, this.listener.address);
  }
  lost() {
    const { loss = 0, burst = 1 } = this.weather;
    if (this.losing > 0) return this.losing-- > 0;
    if (this.random() >= loss / burst) return false;
    this.losing = burst - 1;
    return true;
  }
  delay(now) {
    const { jitter_ms = 0, stall_ms = 0, stall_every_s = 5 } = this.weather;
    const normal = Math.sqrt(-2 * Math.log(this.random() + 1e-18)) * Math.cos(2 * Math.PI * this.random());
    let at = now + BASE_MS + Math.max(-BASE_MS, jitter_ms * normal);
    if (stall_ms > 0 && at > this.free && this.random() < 0.02 / stall_every_s) this.free = at + stall_ms;
    at = Math.max(at, this.free);
    return at - now;
  }

  /** One line a packet: its place in the stream in milliseconds, when it left the relay or "-" for lost, and the Opus packet. */
  log(encoded) {
    const first = this.packets.get(0);
    const lines = [];
    for (let number = 0; number <= Math.max(...this.packets.keys()); ++number) {
      const note = this.packets.get(number);
      const packet = encoded.get((this.first_timestamp + number * FRAME) >>> 0);
      if (!packet) break; // the last ones were written down by nobody
      lines.push(`${number * 20} ${note?.left === undefined ? "-" : (note.left - first.came).toFixed(3)} ${packet}`);
    }
    return `${lines.join("\n")}\n`;
  }
  close() {
    this.facing_speaker.close();
    this.facing_listener.close();
  }
}

function bound() {
  const socket = createSocket("udp4");
  return new Promise((done) => socket.bind(0, "127.0.0.1", () => done(socket)));
}
