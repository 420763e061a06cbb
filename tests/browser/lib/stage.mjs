// What the stories share: one daemon, one Chromium for each voice, and the people of the story that is being told.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Daemon } from "./daemon.mjs";
import { ROOT, chromium } from "./packages.mjs";
import { Person } from "./person.mjs";
import { voice_file } from "./speech.mjs";

const FAILURES = join(ROOT, "build/browser-tests/failures");
const FLAGS = ["--no-sandbox", "--use-fake-device-for-media-stream", "--autoplay-policy=no-user-gesture-required"];

export class Stage {
  browsers = new Map();
  people = [];
  closers = [];
  notes = [];
  names = 0;
  /** A room of its own for each story. */
  room = "lobby";

  /** A browser whose microphone speaks with that voice; "denied" is one whose owner always says no. */
  async browser(voice) {
    if (!this.browsers.has(voice)) {
      const flags =
        voice === "denied"
          ? ["--use-fake-ui-for-media-stream=deny"]
          : ["--use-fake-ui-for-media-stream", `--use-file-for-fake-audio-capture=${voice_file(voice)}`];
      const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
      this.browsers.set(voice, chromium.launch({ executablePath, args: [...FLAGS, ...flags] }));
    }
    return this.browsers.get(voice);
  }

  async daemon() {
    this.shared ??= Daemon.start({ listeners: { metrics: "127.0.0.1:0" } });
    return this.shared;
  }

  /** A daemon for this story alone. */
  async own_daemon(options) {
    const daemon = await Daemon.start(options);
    this.closers.push(() => daemon.close());
    return daemon;
  }

  /** Somebody in front of an empty page. */
  async arrive(voice, options) {
    this.names += 1;
    const name = `${voice[0].toUpperCase()}${voice.slice(1)}${this.names}`;
    const person = await Person.open(await this.browser(voice), name, voice, options);
    this.people.push(person);
    return person;
  }

  /** Somebody in the story's room. */
  async enter(voice, as = "Chat only", options = {}) {
    const person = await this.arrive(voice, options);
    await person.enter(await this.url(), as);
    return person;
  }

  async url() {
    return `${(await this.daemon()).url}/r/${this.room}`;
  }

  note(text) {
    this.notes.push(text);
  }

  /** Pictures of every page, the daemon's last words. */
  async failure(number) {
    mkdirSync(FAILURES, { recursive: true });
    for (const [index, person] of this.people.entries()) {
      const path = join(FAILURES, `${number}-${index}-${person.name}.png`);
      await person.page.screenshot({ path, timeout: 3000 }).catch(() => undefined);
      console.log(`    picture ${path}`);
      for (const complaint of person.complaints) console.log(`    ${person.name}'s page: ${complaint}`);
    }
    const daemon = await this.shared?.catch?.(() => undefined);
    for (const line of daemon?.log.slice(-15) ?? []) console.log(`    earshotd: ${line}`);
  }

  async end_story() {
    await Promise.allSettled(this.people.map((person) => person.context.close()));
    for (const close of this.closers.reverse()) await close().catch((error) => console.log(`    ${error.message}`));
    this.people = [];
    this.closers = [];
    this.notes = [];
  }

  async close() {
    for (const browser of this.browsers.values()) await (await browser).close().catch(() => undefined);
    const daemon = await this.shared?.catch?.(() => undefined);
    return daemon?.close();
  }
}
