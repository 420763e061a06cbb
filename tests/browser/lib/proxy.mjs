// A TCP hop between browser and daemon that can be cut: at once (`refuse`) or in one direction, without a word (`swallow_answers`).
import { connect, createServer } from "node:net";

export class Proxy {
  static async start(port) {
    const proxy = new Proxy();
    proxy.target = port;
    proxy.mode = "pass";
    proxy.pairs = new Set();
    proxy.server = createServer((near) => proxy.take(near));
    await new Promise((resolve) => proxy.server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url() {
    return `http://127.0.0.1:${this.server.address().port}`;
  }

  take(near) {
    if (this.mode === "refuse") return near.destroy();
    const far = connect(this.target, "127.0.0.1");
    const pair = { near, far };
    this.pairs.add(pair);
    const end = () => {
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on("error", end).on("close", end);
    near.on("data", (bytes) => far.write(bytes));
    far.on("data", (bytes) => this.mode === "deaf" || near.write(bytes));
  }

  /** Every connection breaks now, and new ones find a closed door. */
  refuse() {
    this.mode = "refuse";
    for (const { near, far } of [...this.pairs]) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** What the browser sends arrives, but it hears nothing any more; both believe in their connection. */
  swallow_answers() {
    this.mode = "deaf";
  }

  pass() {
    this.mode = "pass";
  }

  async close() {
    this.refuse();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
