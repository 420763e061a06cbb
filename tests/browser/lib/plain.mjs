// A person who has nothing but a bare TCP socket.
import { connect } from "node:net";

export class PlainSocket {
  static async connect(port) {
    const plain = new PlainSocket();
    plain.heard = "";
    plain.socket = connect(port, "127.0.0.1");
    plain.socket.setEncoding("utf8");
    plain.waiting = new Set();
    plain.socket.on("data", (text) => {
      plain.heard += text;
      for (const look of plain.waiting) look();
    });
    await new Promise((resolve, reject) => plain.socket.once("connect", resolve).once("error", reject));
    return plain;
  }

  write(line) {
    this.socket.write(`${line}\n`);
  }

  /** Resolves once the words have arrived, wherever they stand. */
  hears(words, within_ms = 5_000) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!this.heard.includes(words)) return;
        done();
        resolve();
      };
      const timer = setTimeout(() => {
        done();
        reject(new Error(`the socket did not hear ${JSON.stringify(words)} but ${JSON.stringify(this.heard)}`));
      }, within_ms);
      const done = () => {
        clearTimeout(timer);
        this.waiting.delete(look);
      };
      this.waiting.add(look);
      look();
    });
  }

  close() {
    this.socket.destroy();
  }
}
