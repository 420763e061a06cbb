// Voices to tell people apart by: one file of speech for each, 48 kHz, one channel, 16 bits.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./packages.mjs";

export const RATE = 48_000;
const FOLDER = join(ROOT, "build/browser-tests/voices");
const VOICES = {
  ada: [
    "en-gb+f3",
    62,
    "The harbour lights went out one after another, and still nobody had thought of closing the window. " +
      "We counted seven boats before the fog came in and took the rest of them away.",
  ],
  bob: [
    "en-us+m3",
    28,
    "Quick brown potatoes jump over lazy kettles, said the cook, and then he laughed until the pans began to ring. " +
      "Twelve plates, two forks, no spoon; what shall we do about the soup?",
  ],
  cleo: [
    "de+f5",
    80,
    "Gestern abend standen vier Fahrräder vor der Bäckerei, heute morgen waren es nur noch drei. " +
      "Wer so früh aufsteht, der hat bestimmt etwas Gutes vor, oder er hat gar nicht geschlafen.",
  ],
};
const DC_BLOCK_HZ = 60;

/** The path of a voice's file; made when it is not there yet. */
export function voice_file(name) {
  const path = join(FOLDER, `${name}.wav`);
  if (existsSync(path)) return path;
  mkdirSync(FOLDER, { recursive: true });
  const [voice, pitch, text] = VOICES[name];
  const spoken = join(FOLDER, `${name}.${process.pid}.raw.wav`);
  const ready = join(FOLDER, `${name}.${process.pid}.wav`);
  execFileSync("espeak-ng", ["-v", voice, "-p", String(pitch), "-s", "165", "-w", spoken, text]);
  execFileSync("sox", [
    spoken,
    "-r",
    String(RATE),
    "-c",
    "1",
    "-b",
    "16",
    ready,
    "highpass",
    String(DC_BLOCK_HZ),
    "norm",
    "-6",
  ]);
  unlinkSync(spoken);
  renameSync(ready, path);
  return path;
}

const samples = new Map();
/** The samples of a voice, from -1 to 1. */
export function voice_samples(name) {
  if (!samples.has(name)) samples.set(name, read_wav(readFileSync(voice_file(name))));
  return samples.get(name);
}

/** One channel of 16-bit samples. */
export function read_wav(bytes) {
  for (let at = 12; at + 8 <= bytes.length;) {
    const kind = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    if (kind === "data") return from_int16(bytes.subarray(at + 8, Math.min(bytes.length, at + 8 + size)));
    at += 8 + size + (size % 2);
  }
  throw new Error("no sound in this file");
}

export function from_int16(bytes) {
  const out = new Float32Array(bytes.length >> 1);
  for (let index = 0; index < out.length; ++index) out[index] = bytes.readInt16LE(index * 2) / 32768;
  return out;
}
