import { beforeEach, describe, expect, test } from "vitest";
import type { ChatMessage, Person } from "../protocol/messages";
import { VirtualClock, settle } from "./clock";
import { Connection } from "./connection.svelte";
import { House, type Arrival } from "./house.svelte";
import { MadeServer } from "./made_server";
import type { Room } from "./room.svelte";
import { MemoryStorage } from "./storage";

const ME = 12;
let clock: VirtualClock;
let server: MadeServer;
let connection: Connection;
let house: House;
let arrivals: Arrival[];
let removals: string[];
let storage: MemoryStorage;

function person(member: number, name: string, more: Partial<Person> = {}): Person {
  return {
    member,
    name,
    client: "browser",
    presence: "here",
    in_call: false,
    listen_only: false,
    muted: false,
    deafened: false,
    ...more,
  };
}
function message(id: number, text = `text ${id}`, member = 9, name = "Bo"): ChatMessage {
  return { id, time: clock.now() + id, member, name, text };
}
function ids(room: Room): number[] {
  return room.messages.map(({ id }) => id);
}

beforeEach(() => {
  clock = new VirtualClock();
  server = new MadeServer();
  arrivals = [];
  removals = [];
  storage = new MemoryStorage();
  let next_id = 1;
  connection = new Connection(
    server.open,
    clock,
    () => 0,
    {
      welcomed: (welcome) => {
        house.welcomed(welcome);
      },
      received: (received) => {
        house.receive(received);
      },
      lost: () => {
        house.lost();
      },
      slept: () => undefined,
    },
    "test",
  );
  house = new House(
    () => connection,
    clock,
    () => `id-${next_id++}`.padEnd(12, "0"),
    storage,
    {
      message: (arrival) => arrivals.push(arrival),
      direct: () => undefined,
      came_or_went: () => undefined,
      removed: (room, by) => removals.push(`${room} ${by}`),
    },
  );
});

function answer_join(last_message?: number, room = "#lobby"): void {
  server.send({
    type: "joined",
    request: server.last("join").request,
    room,
    topic: "Tea",
    people: [person(ME, "Ada"), person(9, "Bo")],
    ...(last_message === undefined ? {} : { last_message }),
    slots: [],
  });
}
function answer_history(messages: ChatMessage[], complete = true): void {
  const { request, room } = server.last("history");
  server.send({ type: "history", request, room, messages, complete });
}

async function in_lobby(messages: ChatMessage[] = []): Promise<Room> {
  const started = connection.start("Ada");
  await settle();
  server.welcome();
  await started;
  const opened = house.open("#lobby");
  await settle();
  answer_join(messages.at(-1)?.id);
  await opened;
  answer_history(messages);
  await settle();
  const room = house.room;
  if (room === undefined) throw new Error("not in the room");
  return room;
}

async function resumed(last_message: number | undefined): Promise<void> {
  await clock.advance(500);
  server.welcome({ resumed: true, joined: ["#lobby"] });
  server.send({
    type: "joined",
    room: "#lobby",
    topic: "Tea",
    people: [person(ME, "Ada"), person(9, "Bo")],
    ...(last_message === undefined ? {} : { last_message }),
    slots: [],
  });
  await settle();
}

describe("exactly once", () => {
  test("messages stand in the order of their ids, each once", async () => {
    const room = await in_lobby([message(1), message(2)]);
    server.send({ type: "message", room: "#lobby", message: message(3) });
    server.send({ type: "message", room: "#lobby", message: message(3) });
    expect(ids(room)).toEqual([1, 2, 3]);
  });

  test("what was missed is fetched after the last id, page by page, while new ones arrive", async () => {
    const room = await in_lobby([message(1), message(2)]);
    server.cut();
    await resumed(5);
    expect(server.last("history").after).toBe(2);
    server.send({ type: "message", room: "#lobby", message: message(6) });
    answer_history([message(3), message(4)], false);
    await settle();
    expect(server.last("history").after).toBe(4);
    answer_history([message(5), message(6)], true);
    await settle();
    expect(ids(room)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a second loss in the middle of catching up loses nothing", async () => {
    const room = await in_lobby([message(1)]);
    server.cut();
    await resumed(9);
    server.send({ type: "message", room: "#lobby", message: message(9) });
    answer_history([message(2), message(3)], false);
    await settle();
    server.cut();
    await resumed(9);
    // 9 is here already, but 4 to 8 are not.
    expect(server.last("history").after).toBe(3);
    answer_history(
      [4, 5, 6, 7, 8, 9].map((id) => message(id)),
      true,
    );
    await settle();
    expect(ids(room)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("a house with a new memory starts the room over", async () => {
    const room = await in_lobby([message(50)]);
    server.cut();
    await resumed(2);
    expect(server.last("history").after).toBeUndefined();
    answer_history([message(1), message(2)]);
    await settle();
    expect(ids(room)).toEqual([1, 2]);
  });

  test("without a session the rooms are joined anew", async () => {
    await in_lobby([message(1)]);
    server.cut();
    await clock.advance(500);
    server.welcome({ resumed: false });
    await settle();
    expect(server.all("join")).toHaveLength(2);
  });

  test("older pages come above", async () => {
    const room = await in_lobby();
    server.send({ type: "message", room: "#lobby", message: message(100) });
    room.complete = false;
    const paged = house.older(room);
    await settle();
    expect(server.last("history").before).toBe(100);
    answer_history([message(98), message(99)], true);
    await paged;
    expect(ids(room)).toEqual([98, 99, 100]);
    expect(room.complete).toBe(true);
  });
});

describe("saying", () => {
  test("is shown as sending, then once, in either order of answer and message", async () => {
    const room = await in_lobby();
    house.say(room, "hello");
    expect(room.outgoing).toHaveLength(1);
    const said = server.last("say");
    server.send({ type: "message", room: "#lobby", message: message(7, "hello", ME, "Ada") });
    expect(room.outgoing[0]?.echoed).toBe(true);
    const { request, client_message_id } = said;
    server.send({ type: "accepted", request, client_message_id, id: 7, time: clock.now() });
    await settle();
    expect(room.outgoing).toHaveLength(0);
    expect(ids(room)).toEqual([7]);
  });

  test("survives a loss: said again under the same id, shown once", async () => {
    const room = await in_lobby([message(1)]);
    house.say(room, "hello");
    const first = server.last("say").client_message_id;
    server.cut();
    await resumed(2);
    expect(server.all("say").map(({ client_message_id }) => client_message_id)).toEqual([first, first]);
    // The house had it all along: history brings it, and the answer repeats its id.
    answer_history([message(2, "hello", ME, "Ada")]);
    const { request, client_message_id } = server.last("say");
    server.send({ type: "accepted", request, client_message_id, id: 2, time: clock.now() });
    await settle();
    expect(ids(room)).toEqual([1, 2]);
    expect(room.outgoing).toHaveLength(0);
  });

  test("a confirmed message does not hide the ones before it that are still to come", async () => {
    const room = await in_lobby([message(1)]);
    house.say(room, "hello");
    const { request, client_message_id } = server.last("say");
    server.send({ type: "accepted", request, client_message_id, id: 3, time: clock.now() });
    await settle();
    server.cut();
    await resumed(3);
    expect(server.last("history").after).toBe(1);
    answer_history([message(2), message(3, "hello", ME, "Ada")]);
    await settle();
    expect(ids(room)).toEqual([1, 2, 3]);
  });

  test("a refusal stays as failed, with the reason, and goes again under the same id", async () => {
    const room = await in_lobby();
    house.say(room, "hello");
    const first = server.last("say");
    server.send({ type: "refused", request: first.request, code: "flood", text: "Too much." });
    await settle();
    const [outgoing] = room.outgoing;
    expect(outgoing).toMatchObject({ state: "failed", why: "Too much." });
    if (outgoing === undefined) return;
    house.retry(room, outgoing);
    expect(server.last("say").client_message_id).toBe(first.client_message_id);
    expect(server.last("say").request).not.toBe(first.request);
  });

  test("what a closed page had not got rid of is there again, as failed", async () => {
    const room = await in_lobby();
    house.say(room, "hello");
    expect(storage.get("outbox")).toContain("hello");
    const other = new House(
      () => connection,
      clock,
      () => "x",
      storage,
      {
        message: () => undefined,
        direct: () => undefined,
        came_or_went: () => undefined,
        removed: () => undefined,
      },
    );
    other.receive({ type: "joined", room: "#lobby", topic: "", people: [], slots: [] });
    expect(other.rooms.get("#lobby")?.outgoing[0]).toMatchObject({ state: "failed", text: "hello" });
  });

  test("a broken memory is no harm", () => {
    storage.set("outbox", '[{"room":"#lobby"},7,null]');
    house.receive({ type: "joined", room: "#lobby", topic: "", people: [], slots: [] });
    expect(house.rooms.get("#lobby")?.outgoing).toEqual([]);
  });
});

describe("unread", () => {
  test("is counted while one looks away, and read when one looks", async () => {
    const room = await in_lobby([message(1)]);
    house.set_focused(false);
    server.send({ type: "message", room: "#lobby", message: message(2) });
    server.send({ type: "message", room: "#lobby", message: message(3, "hey Ada!") });
    expect(room).toMatchObject({ unread: 2, mentions: 1, new_after: 1 });
    expect(house.unread).toBe(2);
    house.set_focused(true);
    expect(room).toMatchObject({ unread: 0, mentions: 0, new_after: 1 });
    house.set_focused(false);
    expect(room.new_after).toBeUndefined();
  });

  test("one's own words are never news", async () => {
    const room = await in_lobby();
    house.set_focused(false);
    server.send({ type: "message", room: "#lobby", message: message(2, "mine", ME, "Ada") });
    expect(room.unread).toBe(0);
  });

  test("what was missed while away is counted", async () => {
    const room = await in_lobby([message(1)]);
    house.set_focused(false);
    server.cut();
    await resumed(3);
    answer_history([message(2), message(3)]);
    await settle();
    expect(room.unread).toBe(2);
  });

  test("a scrolled-up log reads nothing", async () => {
    const room = await in_lobby([message(1)]);
    house.set_at_end(false);
    server.send({ type: "message", room: "#lobby", message: message(2) });
    expect(room.unread).toBe(1);
    expect(arrivals.at(-1)?.seen).toBe(false);
  });
});

describe("people", () => {
  test("come, change, go", async () => {
    const room = await in_lobby();
    server.send({ type: "person_joined", room: "#lobby", person: person(15, "Linus") });
    server.send({
      type: "person_changed",
      room: "#lobby",
      person: person(15, "Linus_", { in_call: true }),
      old_name: "Linus",
    });
    expect(room.people.get(15)).toMatchObject({ name: "Linus_", in_call: true });
    server.send({ type: "person_left", room: "#lobby", member: 15, name: "Linus_", reason: "lost" });
    expect(room.people.has(15)).toBe(false);
    expect(room.notes.map(({ kind }) => kind)).toEqual(["came", "renamed", "call_joined", "lost"]);
  });

  test("that come together share a line", async () => {
    const room = await in_lobby();
    for (const [member, name] of [
      [20, "Cy"],
      [21, "Dee"],
    ] as const) {
      server.send({ type: "person_joined", room: "#lobby", person: person(member, name) });
    }
    expect(room.notes).toHaveLength(1);
    expect(room.notes[0]?.names).toEqual(["Cy", "Dee"]);
  });

  test("one's new name is the one to come back with", async () => {
    await in_lobby();
    server.send({ type: "person_changed", room: "#lobby", person: person(ME, "Ada L"), old_name: "Ada" });
    expect(house.name).toBe("Ada L");
    server.cut();
    await clock.advance(500);
    expect(server.last("hello").name).toBe("Ada L");
  });

  test("typing is forgotten after six seconds, and at once when the words come", async () => {
    const room = await in_lobby();
    server.send({ type: "typing", room: "#lobby", member: 9 });
    expect([...room.typing]).toEqual([9]);
    await clock.advance(6000);
    expect([...room.typing]).toEqual([]);
    server.send({ type: "typing", room: "#lobby", member: 9 });
    server.send({ type: "message", room: "#lobby", message: message(2) });
    expect([...room.typing]).toEqual([]);
  });

  test("one's own typing is told at most every three seconds", async () => {
    const room = await in_lobby();
    house.typing(room);
    house.typing(room);
    await clock.advance(3000);
    house.typing(room);
    expect(server.all("typing")).toHaveLength(2);
  });

  test("who types on at once after a message, or in another room, is seen to", async () => {
    const room = await in_lobby();
    house.typing(room);
    house.say(room, "there");
    house.typing(room);
    house.typing(room);
    expect(server.all("typing")).toHaveLength(2);
    house.receive({ type: "joined", room: "#maps", topic: "", people: [], slots: [] });
    const other = house.rooms.get("#maps");
    if (other !== undefined) house.typing(other);
    expect(server.all("typing")).toHaveLength(3);
  });
});

test("rooms that nobody looks at stay small", async () => {
  const room = await in_lobby([message(1)]);
  house.receive({ type: "joined", room: "#maps", topic: "", people: [], slots: [] });
  house.look_at({ kind: "room", name: "#maps" });
  for (let id = 2; id < 2500; ++id) server.send({ type: "message", room: "#lobby", message: message(id) });
  expect(room.messages.length).toBeLessThanOrEqual(1000);
  expect(room.messages.at(-1)?.id).toBe(2499);
  expect(room.complete).toBe(false);
});

test("direct words stand with the one they are exchanged with", async () => {
  await in_lobby();
  house.receive({ type: "direct", id: 5, time: 1, from: 9, from_name: "Bo", to: ME, to_name: "Ada", text: "psst" });
  house.receive({ type: "direct", id: 6, time: 2, from: ME, from_name: "Ada", to: 9, to_name: "Bo", text: "yes?" });
  const conversation = house.directs.get(9);
  expect(conversation?.lines.map(({ text }) => text)).toEqual(["psst", "yes?"]);
  expect(conversation?.unread).toBe(1);
});

test("a room that is left is gone, and another one is looked at", async () => {
  await in_lobby();
  const opened = house.open("#maps");
  await settle();
  answer_join(undefined, "#maps");
  await opened;
  expect(house.room?.name).toBe("#maps");
  server.send({ type: "left", room: "#maps" });
  expect(house.room?.name).toBe("#lobby");
});

describe("who keeps order", () => {
  test("the keeper and the operator may, others may not, and it follows what the house says", async () => {
    const room = await in_lobby();
    expect(house.may_moderate(room)).toBe(false);
    server.send({ type: "keeper", room: "#lobby", member: ME, name: "Ada" });
    expect(house.may_moderate(room)).toBe(true);
    server.send({ type: "keeper", room: "#lobby", member: 9, name: "Bo" });
    expect(house.may_moderate(room)).toBe(false);
    server.send({ type: "person_changed", room: "#lobby", person: person(ME, "Ada", { operates: true }) });
    expect(house.may_moderate(room)).toBe(true);
  });

  test("removing and muting name the member, and a blank reason is none", async () => {
    const room = await in_lobby();
    void house.remove(room, 9, "  ");
    expect(server.last("remove")).toEqual({
      type: "remove",
      request: server.last("remove").request,
      room: "#lobby",
      member: 9,
    });
    void house.remove(room, 9, " enough ");
    expect(server.last("remove").reason).toBe("enough");
    void house.mute(room, 9);
    expect(server.last("mute_member")).toMatchObject({ room: "#lobby", member: 9 });
  });

  test("who is removed is told, sees no more of the room, and does not go back by himself", async () => {
    await in_lobby([message(1)]);
    server.send({ type: "removed", room: "#lobby", by: 9, by_name: "Bo", because: "enough" });
    expect(house.view).toEqual({ kind: "removed", name: "#lobby", by: "Bo", because: "enough" });
    expect(house.rooms.size).toBe(0);
    expect(removals).toEqual(["#lobby Bo"]);
    const joins = server.all("join").length;
    server.cut();
    await clock.advance(500);
    server.welcome({ resumed: true, joined: [] });
    await clock.advance(60_000);
    expect(server.all("join").length).toBe(joins);
    expect(house.view?.kind).toBe("removed");
  });

  test("who was removed while the connection was gone learns it when the room is refused", async () => {
    await in_lobby([message(1)]);
    server.cut();
    await clock.advance(500);
    server.welcome({ resumed: true, joined: [] });
    await settle();
    server.send({
      type: "refused",
      request: server.last("join").request,
      code: "removed",
      text: "You have been removed.",
    });
    await settle();
    expect(house.view).toEqual({ kind: "removed", name: "#lobby", by: "", because: "" });
  });

  test("the others read who removed whom", async () => {
    const room = await in_lobby();
    server.send({
      type: "person_left",
      room: "#lobby",
      member: 9,
      name: "Bo",
      reason: "removed",
      by: "Cy",
      because: "enough",
    });
    expect(room.notes.at(-1)).toMatchObject({ kind: "removed", names: ["Bo"], text: "Cy: enough" });
    expect(room.people.has(9)).toBe(false);
  });
});
