// The other browser. Its fake microphone is a tone: what Chromium hears from it must be that tone.
import { createInterface } from "node:readline";
import { join } from "node:path";
import { Namespace } from "../lib/namespace.mjs";
import { ROOT } from "../lib/packages.mjs";
import { expect_heard } from "../lib/person.mjs";
import { from_int16 } from "../lib/speech.mjs";
import { tone_presence } from "../lib/match.mjs";
import { expect, story } from "../lib/story.mjs";

const HERE = join(ROOT, "tests/browser");
const TONES = [440, 1000];
const TONE = 0.8;
const ANSWER_WITHIN_MS = 40_000;

class FirefoxPerson {
  constructor(space, url, name) {
    this.name = name;
    this.errors = "";
    const command = [join(HERE, "with_pulse.sh"), process.execPath, join(HERE, "lib/firefox_page.mjs"), url, name];
    this.child = space.spawn(command, { stdio: ["pipe", "pipe", "pipe"] });
    this.child.stderr.on("data", (text) => (this.errors += text));
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.answers = [];
    createInterface({ input: this.child.stdout }).on("line", (line) => this.answers.shift()?.(JSON.parse(line)));
  }

  ask(line) {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`Firefox, asked to ${line}: ${why}\n${this.errors.slice(-2000)}`));
      const timer = setTimeout(() => fail("no answer"), ANSWER_WITHIN_MS);
      this.answers.push(({ answer, error }) => {
        clearTimeout(timer);
        if (error === undefined) resolve(answer);
        else fail(error);
      });
      void this.ended.then(() => fail("it ended"));
      this.child.stdin.write(`${line}\n`);
    });
  }

  async records(seconds) {
    const channels = await this.ask(`record ${seconds}`);
    return channels.filter((text) => text !== "").map((text) => from_int16(Buffer.from(text, "base64")));
  }

  async close() {
    this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill("SIGTERM"), 8_000);
    await this.ended;
    clearTimeout(timer);
  }
}

story(
  "Firefox and Chromium talk with each other",
  async (stage) => {
    const space = Namespace.make();
    stage.closers.push(async () => space.close());
    const daemon = await stage.own_daemon({ listeners: { "web-tls": `${space.here}:0` } });
    const ada = await stage.arrive("ada");
    await ada.enter(`${daemon.url}/r/foxes`, "Join call");
    const fox = new FirefoxPerson(space, `https://${space.here}:${daemon.ports["web-tls"]}/r/foxes`, "Fox");
    stage.closers.push(() => fox.close());
    stage.note(await fox.ask("enter"));
    await ada.hears_somebody();
    const at_fox = (await expect_heard(stage, [[fox, "ada"]])).get(fox);
    const at_ada = await ada.records(2);
    const shares = at_ada.flatMap((channel) => TONES.map((tone) => tone_presence(channel.subarray(24_000), tone)));
    stage.note(`Chromium hears Firefox's tone: ${shares.map((share) => share.toFixed(3)).join(", ")} of all power`);
    expect(Math.max(0, ...shares) > TONE, "Chromium does not hear Firefox's tone");
    const tones_at_fox = at_fox.flatMap((channel) => TONES.map((tone) => tone_presence(channel, tone)));
    expect(Math.max(0, ...tones_at_fox) < 0.1, "Firefox hears itself");
    const violations = await fox.ask("violations");
    expect(violations.length === 0, `the policy was broken in Firefox: ${violations.join("; ")}`);
  },
  { limit_s: 100 },
);
