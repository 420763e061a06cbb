// One person in front of one page, who finds everything by role and name as a screen reader does.
import { availableParallelism, loadavg } from "node:os";
import { install_ears } from "./ears.mjs";
import { match, whole_match } from "./match.mjs";
import { from_int16, voice_samples } from "./speech.mjs";
import { expect } from "./story.mjs";

const WAIT_MS = 10_000;
export const HEARD_WAVE = 0.8;
export const HEARD_ENVELOPE = 0.9;
export const NOT_HEARD = 0.2;
export const NOT_HEARD_WAVE = 0.4;
export const SILENCE_DB = -60;
export const SPEECH_S = 4;
const SILENCE_S = 2;
const LISTEN_ROUNDS = 3;
/** Strangers reach 0.2: whoever passes this is known, though he may stumble. */
const KNOWN_WAVE = 0.5;
const BUSY_LOAD = 2;

/** The browser's own treatment of the voice is off: what is measured is the way from one to the other. */
export const AS_SPOKEN = { echo: false, noise: false, gain: false };

export class Person {
  constructor(context, page, name, voice) {
    Object.assign(this, { context, page, name, voice, complaints: [] });
    page.setDefaultTimeout(WAIT_MS);
    page.on("pageerror", (error) => this.complaints.push(`error: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() !== "error" || /WebSocket connection|Failed to load resource/.test(message.text())) return;
      this.complaints.push(`console: ${message.text()}`);
    });
  }

  static async open(
    browser,
    name,
    voice,
    { size = [1280, 800], dark = false, tcp_only = false, preferences = AS_SPOKEN, ...options } = {},
  ) {
    const context = await browser.newContext({
      viewport: { width: size[0], height: size[1] },
      colorScheme: dark ? "dark" : "light",
      ...options,
    });
    await context.addInitScript(install_ears);
    if (tcp_only) await context.addInitScript(() => (window.ears.tcp_only = true));
    await context.addInitScript((values) => {
      if (localStorage.getItem("earshot.preferences") === null)
        localStorage.setItem("earshot.preferences", JSON.stringify(values));
    }, preferences);
    return new Person(context, await context.newPage(), name, voice);
  }

  button(name) {
    return this.page.getByRole("button", { name, exact: true });
  }
  field(name) {
    return this.page.getByRole("textbox", { name, exact: true });
  }
  get call() {
    return this.page.getByRole("region", { name: "Call", exact: true });
  }
  get log() {
    return this.page.getByRole("log");
  }
  person(name) {
    return this.page.getByRole("list", { name: "People" }).getByRole("listitem").filter({ hasText: name });
  }

  /** From the address to the room: as is "Join call", "Listen only" or "Chat only". */
  async enter(url, as = "Chat only") {
    await this.page.goto(url);
    await this.field("Your name").fill(this.name);
    await this.button(as).click();
    await this.page.getByRole("log").waitFor();
    if (as !== "Chat only") await this.in_call();
  }

  async in_call() {
    await this.call.getByRole("button", { name: "Leave call" }).waitFor();
    await this.page.waitForFunction(() => window.ears.peers.at(-1)?.connectionState === "connected");
  }

  async open_room(name) {
    await this.button("New room").click();
    await this.field("Room name").fill(name);
    await this.button("Create").click();
    await this.page.getByRole("log", { name: `Messages in #${name}` }).waitFor();
  }

  async says(text) {
    await this.page.getByRole("textbox", { name: /^Message #/ }).fill(text);
    await this.page.keyboard.press("Enter");
  }

  /** Waits until a message with that text stands there; more than one is an error. */
  async reads(text) {
    await this.log.getByRole("article").filter({ hasText: text }).first().waitFor();
    const count = await this.log.getByRole("article").filter({ hasText: text }).count();
    expect(count === 1, `${this.name} sees ${JSON.stringify(text)} ${count} times`);
  }

  async texts() {
    return this.log.getByRole("article").allInnerTexts();
  }

  /** Waits until somebody can be heard at all. */
  async hears_somebody() {
    await this.page.waitForFunction(async () => {
      const stats = await window.ears.peers.at(-1).getStats();
      return [...stats.values()].some((entry) => entry.type === "inbound-rtp" && entry.audioLevel > 0.005);
    });
  }

  async records(seconds) {
    const channels = await this.page.evaluate((length) => window.ears.record(length), seconds);
    return channels.filter((text) => text !== "").map((text) => from_int16(Buffer.from(text, "base64")));
  }

  /** "udp" or "tcp"; waits until the browser says which way it goes. */
  async transport() {
    const way = await this.page.waitForFunction(async () => {
      const stats = [...(await window.ears.peers.at(-1).getStats()).values()];
      const pair = stats.find(
        ({ type, nominated, state }) => type === "candidate-pair" && nominated && state === "succeeded",
      );
      return stats.find(({ id }) => id === pair?.remoteCandidateId)?.protocol;
    });
    return way.jsonValue();
  }

  async violations() {
    return this.page.evaluate(() => window.ears.violations);
  }
}

export function mixed(channels) {
  const longest = Math.max(0, ...channels.map(({ length }) => length));
  const mix = new Float32Array(longest);
  for (const channel of channels) channel.forEach((sample, index) => (mix[index] += sample));
  return mix;
}

/** The channel on which that voice is heard best. */
export function best_channel(channels, voice) {
  const spoken = voice_samples(voice);
  const none = { wave: 0, envelope: 0, level_db: -120 };
  let best = none;
  for (const channel of channels) {
    const found = match(channel, spoken);
    if (found.wave > best.wave) best = found;
    if (best.wave > HEARD_WAVE) break;
  }
  return best;
}

const figures = ({ wave, envelope, level_db }) =>
  `wave ${wave.toFixed(3)}, loudness ${envelope.toFixed(3)}, ${level_db.toFixed(0)} dB`;

/** Others compute here too: then the figures tell of them, not of us. */
export function machine_is_busy() {
  return loadavg()[0] > BUSY_LOAD * availableParallelism();
}

function knows(stage, channels, listener, voice, least) {
  const found = best_channel(channels, voice);
  stage.note(`${listener.name} hears ${voice}: ${figures(found)}`);
  return found.wave >= least || found.envelope >= HEARD_ENVELOPE;
}

/**
 * `wanted` lists [listener, voice, voice...]; all listen at the same time. On a machine that is too busy a fake microphone
 * stumbles, so who did not know a voice listens again, and it is enough to know whose it is. `quality` is for voices that the browser's own noise suppression has
 * bent. Gives the last recording of each listener.
 */
export async function expect_heard(stage, wanted, quality = HEARD_WAVE) {
  const least = machine_is_busy() ? Math.min(quality, KNOWN_WAVE) : quality;
  const recordings = new Map();
  let missing = wanted;
  for (let round = 1; missing.length > 0; ++round) {
    const made = await Promise.all(missing.map(([listener]) => listener.records(SPEECH_S)));
    const still = [];
    for (const [index, [listener, ...voices]] of missing.entries()) {
      recordings.set(listener, made[index]);
      const unknown = voices.filter((voice) => !knows(stage, made[index], listener, voice, least));
      if (unknown.length > 0) still.push([listener, ...unknown]);
    }
    missing = still;
    const who = missing.map(([listener, ...voices]) => `${listener.name} does not hear ${voices.join(" and ")}`);
    expect(missing.length === 0 || round < LISTEN_ROUNDS, who.join("; "));
  }
  return recordings;
}

export function expect_not_heard(stage, channels, listener, voice) {
  const mix = mixed(channels);
  const whole = whole_match(mix, voice_samples(voice));
  const { wave } = match(mix, voice_samples(voice));
  stage.note(`${listener.name} does not hear ${voice}: whole ${whole.toFixed(3)}, wave ${wave.toFixed(3)}`);
  expect(
    whole < NOT_HEARD && wave < NOT_HEARD_WAVE,
    `${listener.name} hears ${voice}: ${whole.toFixed(3)}, ${wave.toFixed(3)}`,
  );
}

function level_of(channels) {
  const mix = mixed(channels).subarray(24_000);
  return 10 * Math.log10(mix.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, mix.length) + 1e-12);
}

/**
 * Silent for a whole recording, but for its first half second, which may still hold what was on its way. On a machine that is too
 * busy the browser holds more: who still heard something listens again, and a voice that goes on is heard every time.
 */
export async function expect_silence(stage, listeners) {
  let noisy = listeners;
  for (let round = 1; noisy.length > 0; ++round) {
    const levels = await Promise.all(noisy.map(async (listener) => level_of(await listener.records(SILENCE_S))));
    for (const [index, listener] of noisy.entries())
      stage.note(`${listener.name} hears silence: ${levels[index].toFixed(0)} dB`);
    const said = levels.map((level) => level.toFixed(0)).join(", ");
    noisy = noisy.filter((_, index) => !(levels[index] < SILENCE_DB));
    const who = noisy.map((listener) => listener.name).join(" and ");
    const patience = machine_is_busy() ? LISTEN_ROUNDS : 2;
    expect(noisy.length === 0 || round < patience, `${who} hears something (${said} dB) where there should be silence`);
  }
}
