// A network of two: this side and a namespace. Firefox offers no loopback candidates, so it gets an address of its own.
import { execFileSync, spawn } from "node:child_process";
import { Skipped } from "./story.mjs";

const ip = (...words) => execFileSync("ip", words, { stdio: ["ignore", "pipe", "pipe"] });

export class Namespace {
  static make() {
    if (process.getuid() !== 0) throw new Skipped("needs root for a network namespace");
    const space = new Namespace();
    const number = process.pid % 250;
    space.name = `earshot-${process.pid}`;
    space.here = `10.99.${number}.1`;
    space.there = `10.99.${number}.2`;
    try {
      ip("netns", "add", space.name);
    } catch (error) {
      throw new Skipped(`no network namespace can be made here: ${error.stderr}`);
    }
    const [near, far] = [`es${process.pid}a`, `es${process.pid}b`];
    ip("link", "add", near, "type", "veth", "peer", "name", far, "netns", space.name);
    ip("address", "add", `${space.here}/30`, "dev", near);
    ip("link", "set", near, "up");
    const inside = ["-n", space.name];
    ip(...inside, "link", "set", "lo", "up");
    ip(...inside, "address", "add", `${space.there}/30`, "dev", far);
    ip(...inside, "link", "set", far, "up");
    return space;
  }

  spawn(command, options) {
    return spawn("ip", ["netns", "exec", this.name, ...command], options);
  }

  /** The near end of the pair goes with the namespace. */
  close() {
    ip("netns", "delete", this.name);
  }
}
