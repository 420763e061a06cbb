// The terminal client as a person in a story: says a voice from a file, records what it hears, reads and writes lines.
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./packages.mjs";
import { read_wav, voice_file } from "./speech.mjs";

export const CLIENT = process.env.EARSHOT ?? join(ROOT, "build/release/earshot");
const WITHIN_MS = 15_000;
const TIMES = 20; // how often a voice is said again: longer than any story

export class Terminal {
  constructor(url, name, voice) {
    this.name = name;
    this.folder = mkdtempSync(join(tmpdir(), "earshot-terminal-"));
    this.recording = join(this.folder, "heard.wav");
    const said = join(this.folder, "said.wav");
    execFileSync("sox", [voice_file(voice), said, "repeat", String(TIMES)]);
    const environment = { ...process.env, XDG_CONFIG_HOME: this.folder, XDG_RUNTIME_DIR: this.folder };
    this.child = spawn(CLIENT, [url, "--plain", "--name", name, "--play", said, "--record", this.recording], { env: environment });
    this.lines = [];
    this.waiting = [];
    createInterface({ input: this.child.stdout }).on("line", (line) => {
      this.lines.push(line);
      for (const wait of this.waiting.splice(0)) wait();
    });
    this.errors = "";
    this.child.stderr.on("data", (text) => (this.errors += text));
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
  }

  /** Until a line came that holds the text. */
  async reads(text) {
    const by = Date.now() + WITHIN_MS;
    while (!this.lines.some((line) => line.includes(text))) {
      if (Date.now() > by) throw new Error(`${this.name} never read ${JSON.stringify(text)}: ${this.lines.slice(-5).join(" | ")} ${this.errors}`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, 500);
        this.waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  says(text) {
    this.child.stdin.write(`${text}\n`);
  }

  /** Leaves; what it has heard, as samples of one channel, and its exit code. */
  async leave() {
    this.says("/quit");
    const code = await this.ended;
    const mono = join(this.folder, "mono.wav");
    execFileSync("sox", [this.recording, "-b", "16", "-e", "signed", mono, "remix", "-"]);
    return { code, heard: read_wav(readFileSync(mono)) };
  }

  close() {
    this.child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
