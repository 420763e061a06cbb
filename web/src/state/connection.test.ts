import { beforeEach, describe, expect, test } from "vitest";
import type { ServerMessage } from "../protocol/messages";
import { VirtualClock, settle } from "./clock";
import { Connection, ConnectionLost, Refused } from "./connection.svelte";
import { MadeServer } from "./made_server";

let clock: VirtualClock;
let server: MadeServer;
let connection: Connection;
let received: ServerMessage[];
let losses: number;
let sleeps: number[];

beforeEach(() => {
  clock = new VirtualClock();
  server = new MadeServer();
  received = [];
  losses = 0;
  sleeps = [];
  connection = new Connection(
    server.open,
    clock,
    () => 0,
    {
      welcomed: () => undefined,
      received: (message) => received.push(message),
      lost: () => (losses += 1),
      slept: (duration) => sleeps.push(duration),
    },
    "test",
  );
});

async function greeted(): Promise<void> {
  const started = connection.start("Ada");
  await settle();
  server.welcome();
  await started;
}

/** Keeps a healthy connection healthy. */
async function wait(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1000) {
    const pings = server.all("ping").length;
    await clock.advance(Math.min(1000, left));
    if (server.all("ping").length > pings) server.send({ type: "pong", request: server.last("ping").request });
  }
}

describe("hello", () => {
  test("carries the name and no session at first", async () => {
    await greeted();
    expect(server.last("hello")).toMatchObject({ name: "Ada", kind: "browser", protocol: 1 });
    expect("session" in server.last("hello")).toBe(false);
    expect(connection.status).toBe("ready");
  });

  test("a taken name comes with a suggestion, and the next try uses the same connection", async () => {
    const started = connection.start("Ada");
    await settle();
    const { request } = server.last("hello");
    server.send({ type: "refused", request, code: "name_taken", text: "Taken.", suggestion: "Ada2" });
    await expect(started).rejects.toMatchObject({ code: "name_taken", suggestion: "Ada2" });
    const again = connection.start("Ada2");
    await settle();
    server.welcome();
    expect((await again).name).toBe("Ada2");
    expect(server.connections).toBe(1);
  });

  test("a server that is not there is told of, not waited for", async () => {
    server.up = false;
    await expect(connection.start("Ada")).rejects.toBeInstanceOf(ConnectionLost);
    expect(connection.status).toBe("idle");
  });

  test("a server that never answers is given up after ten seconds", async () => {
    const started = expect(connection.start("Ada")).rejects.toBeInstanceOf(ConnectionLost);
    await clock.advance(10_000);
    await started;
  });
});

describe("requests", () => {
  test("find their answers by number, whatever the order", async () => {
    await greeted();
    const first = connection.ask({ type: "topic", room: "#a", topic: "x" });
    const second = connection.ask({ type: "nick", name: "Bo" });
    server.send({ type: "refused", request: server.last("nick").request, code: "name_taken", text: "Taken." });
    server.send({ type: "done", request: server.last("topic").request });
    await expect(second).rejects.toBeInstanceOf(Refused);
    await expect(first).resolves.toMatchObject({ type: "done" });
  });

  test("fail when the connection breaks", async () => {
    await greeted();
    const asked = expect(connection.ask({ type: "leave", room: "#a" })).rejects.toBeInstanceOf(ConnectionLost);
    server.cut();
    await asked;
    await expect(connection.ask({ type: "leave", room: "#a" })).rejects.toBeInstanceOf(ConnectionLost);
  });

  test("an answer that cannot be read is a refusal; a type from the future is nothing", async () => {
    await greeted();
    const asked = connection.ask({ type: "topic", room: "#a", topic: "x" });
    server.send_raw('{"type":"sing"}');
    server.send_raw(`{"type":"accepted","request":${server.last("topic").request}}`);
    await expect(asked).rejects.toBeInstanceOf(Refused);
    expect(connection.status).toBe("ready");
  });
});

describe("coming back", () => {
  test("waits 0.5, 1, 2, 4, 8, 15, 15 s", async () => {
    await greeted();
    server.up = false;
    server.cut();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; ++attempt) {
      const before = server.connections;
      let waited = 0;
      while (server.connections === before) {
        await clock.advance(100);
        waited += 100;
      }
      waits.push(waited);
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  test("carries the session, and forgets the loss", async () => {
    await greeted();
    server.cut();
    expect(connection.status).toBe("waiting");
    expect(losses).toBe(1);
    await clock.advance(500);
    expect(server.last("hello").session).toBe("secret");
    server.welcome({ resumed: true });
    expect(connection.status).toBe("ready");
    expect(connection.lost_at).toBeUndefined();
  });

  test("goes on without the session when the house has forgotten it", async () => {
    await greeted();
    server.cut();
    await clock.advance(500);
    server.send({ type: "refused", request: server.last("hello").request, code: "session_unknown", text: "Who?" });
    expect("session" in server.last("hello")).toBe(false);
  });

  test("takes the suggested name when its own was taken meanwhile", async () => {
    await greeted();
    server.cut();
    await clock.advance(500);
    const { request } = server.last("hello");
    server.send({ type: "refused", request, code: "name_taken", text: "Taken.", suggestion: "Ada2" });
    expect(server.last("hello").name).toBe("Ada2");
  });

  test("after a minute it counts as lost, and goes on trying", async () => {
    await greeted();
    server.up = false;
    server.cut();
    await clock.advance(59_000);
    expect(connection.long_lost).toBe(false);
    await clock.advance(1500);
    expect(connection.long_lost).toBe(true);
    server.up = true;
    await clock.advance(16_000);
    server.welcome({ resumed: true });
    expect(connection.long_lost).toBe(false);
  });

  test("a button, the network or the page's return tries at once", async () => {
    await greeted();
    server.up = false;
    server.cut();
    await clock.advance(10_000);
    server.up = true;
    connection.retry_now();
    await settle();
    expect(server.connected).toBe(true);
  });

  test("waits as long as a restarting server asks", async () => {
    await greeted();
    server.send({ type: "closing", reason: "shutdown", text: "Restart.", retry_after_ms: 2000 });
    expect(connection.closing).toBe("shutdown");
    server.cut();
    const before = server.connections;
    await clock.advance(1900);
    expect(server.connections).toBe(before);
    await clock.advance(200);
    expect(server.connections).toBe(before + 1);
  });

  test("does not fight with another window for the session", async () => {
    await greeted();
    server.send({ type: "closing", reason: "replaced", text: "Elsewhere." });
    expect(connection.ended).toBe("replaced");
    const before = server.connections;
    await clock.advance(120_000);
    expect(server.connections).toBe(before);
    connection.reopen();
    await settle();
    expect(server.last("hello").session).toBe("secret");
  });
});

describe("signs of life", () => {
  test("silence is answered with a ping, and more silence with a new connection", async () => {
    await greeted();
    await clock.advance(16_000);
    expect(server.all("ping")).toHaveLength(1);
    await clock.advance(15_000);
    expect(losses).toBe(1);
  });

  test("a quiet but living connection stays", async () => {
    await greeted();
    await wait(300_000);
    expect(losses).toBe(0);
    expect(server.all("ping").length).toBeGreaterThan(10);
  });

  test("a sleep of more than a minute is noticed", async () => {
    await greeted();
    await clock.sleep(90_000);
    expect(sleeps).toEqual([90_000]);
  });

  test("an old connection's words and end mean nothing to the new one", async () => {
    await greeted();
    await clock.advance(31_000 + 500);
    server.welcome({ resumed: true });
    expect(connection.status).toBe("ready");
    server.send({ type: "topic", room: "#a", topic: "t", name: "Bo" });
    expect(received).toHaveLength(1);
  });
});

test("quit says so, and stays away", async () => {
  await greeted();
  connection.quit();
  expect(server.all("quit")).toHaveLength(1);
  await clock.advance(60_000);
  expect(server.connections).toBe(1);
});
