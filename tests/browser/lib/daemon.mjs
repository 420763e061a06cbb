// The real daemon, with data of its own and ports that nobody else has.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { ROOT } from "./packages.mjs";

export const PROGRAM = process.env.EARSHOTD ?? join(ROOT, "build/release/earshotd");
const READY_WITHIN_MS = 10_000;
const GONE_WITHIN_MS = 5_000;
const ANY = {
  web: "127.0.0.1:0",
  "web-tls": "off",
  media: "0.0.0.0:0",
  "plain-text": "127.0.0.1:0",
  "plain-voice": "127.0.0.1:0",
  metrics: "127.0.0.1:0",
};

export class Daemon {
  /** `listeners` by flag ("web-tls": "0.0.0.0:0"), `settings` by key ("limits.members": 3). */
  constructor({ listeners = {}, settings = {} } = {}) {
    this.listeners = { ...ANY, ...listeners };
    this.settings = settings;
    this.log = [];
    this.ports = {};
  }

  static async start(options) {
    if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is not built; run tools/build`);
    const daemon = new Daemon(options);
    daemon.data = await mkdtemp("/tmp/earshot-browser-");
    await daemon.start();
    return daemon;
  }

  /** Also after stop(): on the same data and the same ports. */
  async start() {
    const flags = ["--data", this.data];
    for (const [name, address] of Object.entries(this.listeners)) {
      const port = this.ports[name];
      flags.push(`--${name}`, port === undefined ? address : address.replace(/:\d+$/, `:${port}`));
    }
    for (const [key, value] of Object.entries(this.settings)) flags.push("--set", `${key}=${value}`);
    const began = performance.now();
    this.child = spawn(PROGRAM, flags, { stdio: ["ignore", "inherit", "pipe"] });
    this.ended = new Promise((resolve) => this.child.once("exit", (code, signal) => resolve(signal ?? code)));
    await this.hear_ready();
    this.ready_ms = performance.now() - began;
  }

  hear_ready() {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`earshotd was not ready:\n${this.log.join("\n")}`)),
        READY_WITHIN_MS,
      );
      createInterface({ input: this.child.stderr }).on("line", (line) => {
        this.log.push(line);
        const listening = /\blistening (\S+) \S*:(\d+)$/.exec(line);
        if (listening !== null) this.ports[listening[1]] = Number(listening[2]);
        if (!/\bready$/.test(line)) return;
        clearTimeout(timer);
        resolve();
      });
      this.child.once("exit", (code) => {
        clearTimeout(timer);
        reject(new Error(`earshotd ended with ${code}:\n${this.log.join("\n")}`));
      });
    });
  }

  get url() {
    return `http://127.0.0.1:${this.ports.web}`;
  }

  async metrics() {
    return (await fetch(`http://127.0.0.1:${this.ports.metrics}/metrics`)).text();
  }

  /** Asks politely, and tells how the program ended: 0 when all is well. */
  async stop() {
    this.child.kill("SIGTERM");
    const timer = setTimeout(() => this.child.kill("SIGKILL"), GONE_WITHIN_MS);
    const how = await this.ended;
    clearTimeout(timer);
    return how;
  }

  async close() {
    const how = await this.stop();
    await rm(this.data, { recursive: true, force: true });
    return how;
  }
}
