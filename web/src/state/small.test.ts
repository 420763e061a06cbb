// The small machines: commands, timeline, gates, quality, announcements, what is remembered.
import { describe, expect, test } from "vitest";
import type { ChatMessage } from "../protocol/messages";
import { MessageAnnouncer } from "./announcements";
import { VirtualClock } from "./clock";
import { complete, mentions, read_typed, room_name, valid_room_name } from "./commands";
import { Preferences } from "./preferences.svelte";
import { judge, type LinkSample } from "./quality";
import { SpeakingGate, VoiceGate } from "./speaking";
import { MemoryStorage } from "./storage";
import { arrange } from "./timeline";

describe("what is typed", () => {
  test.each([
    ["hello", { kind: "say", text: "hello" }],
    ["  two\nlines ", { kind: "say", text: "two\nlines" }],
    ["   ", { kind: "nothing" }],
    ["/topic Tea at four", { kind: "command", name: "topic", rest: "Tea at four" }],
    ["/ME waves", { kind: "command", name: "me", rest: "waves" }],
    ["/dance", { kind: "unknown", name: "dance" }],
    ["//path", { kind: "say", text: "/path" }],
    ["{quit}", { kind: "command", name: "quit", rest: "" }],
    ["{quit} now", { kind: "say", text: "{quit} now" }],
    [" {quit}", { kind: "say", text: "{quit}" }],
    ["\\{quit}", { kind: "say", text: "{quit}" }],
    ["[audio]", { kind: "voice" }],
    ["\\[audio]", { kind: "say", text: "[audio]" }],
    ["/toString", { kind: "unknown", name: "tostring" }],
  ])("%j", (text, expected) => {
    expect(read_typed(text)).toEqual(expected);
  });

  test("Tab completes commands and names", () => {
    expect(complete("/to", [])).toBe("/topic ");
    expect(complete("bo", ["Bo", "Ana"])).toBe("Bo: ");
    expect(complete("ask an", ["Bo", "Ana"])).toBe("ask Ana ");
    expect(complete("@a", ["Ana"])).toBe("@Ana ");
    expect(complete("x", ["Ana"])).toBeUndefined();
  });

  test("room names", () => {
    expect(room_name("maps")).toBe("#maps");
    expect(valid_room_name("#büro/2-a_b")).toBe(true);
    for (const bad of ["#", "#a b", "maps", `#${"a".repeat(51)}`, "#a\u202eb", "#<b>"])
      expect(valid_room_name(bad)).toBe(false);
  });

  test("being called by name", () => {
    expect(mentions("hey @Ana!", "ana")).toBe(true);
    expect(mentions("Ana: look", "Ana")).toBe(true);
    expect(mentions("Banana", "Ana")).toBe(false);
    expect(mentions("anything", "")).toBe(false);
    expect(mentions("a+b(c", "a+b(c")).toBe(true);
  });
});

describe("the timeline", () => {
  const at = (day: number, minute: number, second = 0): number => new Date(2026, 10, day, 20, minute, second).getTime();
  const say = (id: number, member: number, time: number): ChatMessage => ({
    id,
    time,
    member,
    name: `name ${member}`,
    text: "",
  });
  const kinds = (rows: ReturnType<typeof arrange>): string[] =>
    rows.map((row) => (row.kind === "group" ? `${row.member}:${row.messages.map(({ id }) => id).join()}` : row.kind));

  test("groups by speaker and minute, and draws the days", () => {
    const messages = [
      say(1, 5, at(20, 0)),
      say(2, 5, at(20, 0, 30)),
      say(3, 6, at(20, 1)),
      say(4, 6, at(20, 9)),
      say(5, 6, at(21, 9)),
    ];
    expect(kinds(arrange(messages, [], undefined, 9))).toEqual(["day", "5:1,2", "6:3", "6:4", "day", "6:5"]);
  });

  test("draws the line before the first news that is not one's own", () => {
    const messages = [say(1, 5, at(20, 0)), say(2, 9, at(20, 0, 1)), say(3, 5, at(20, 0, 2))];
    expect(kinds(arrange(messages, [], 1, 9))).toEqual(["day", "5:1", "9:2", "new", "5:3"]);
  });

  test("puts notes where they happened, and keys are unique", () => {
    const note = { key: 1, kind: "came" as const, names: ["Cy"], text: "", time: at(20, 0), after: 1 };
    const rows = arrange([say(1, 5, at(20, 0)), say(2, 5, at(20, 0, 1))], [note], undefined, 9);
    expect(kinds(rows)).toEqual(["day", "5:1", "note", "5:2"]);
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });

  test("a clock that went back draws no second day", () => {
    const messages = [say(1, 5, at(21, 0)), say(2, 6, at(20, 0)), say(3, 5, at(21, 1))];
    expect(kinds(arrange(messages, [], undefined, 9)).filter((kind) => kind === "day")).toHaveLength(1);
  });
});

describe("gates", () => {
  test("a speaker is shown within one look, and 300 ms longer than he speaks", () => {
    const gate = new SpeakingGate();
    expect(gate.feed(0.6, 1000)).toBe(true);
    expect(gate.feed(0, 1200)).toBe(false);
    expect(gate.speaking).toBe(true);
    expect(gate.feed(0, 1300)).toBe(true);
    expect(gate.speaking).toBe(false);
  });

  test("the voice gate holds through the end of a word", () => {
    const gate = new VoiceGate(500);
    expect(gate.feed(-70, -50, 0)).toBe(false);
    expect(gate.feed(-45, -50, 20)).toBe(true);
    expect(gate.feed(-55, -50, 400)).toBe(true);
    expect(gate.feed(-70, -50, 899)).toBe(true);
    expect(gate.feed(-70, -50, 900)).toBe(false);
  });
});

describe("the way to the server", () => {
  const sample = (more: Partial<LinkSample>): LinkSample => ({
    time_ms: 0,
    rtt_ms: 20,
    received: 0,
    lost: 0,
    sent_loss: 0,
    jitter_ms: 1,
    bytes: 0,
    ...more,
  });
  test("is judged by what happened since the last look", () => {
    const before = sample({ received: 1000, lost: 500, time_ms: 0, bytes: 0 });
    expect(judge(before, sample({ received: 1100, lost: 500, time_ms: 2000, bytes: 10_000 }))).toMatchObject({
      grade: "good",
      loss: 0,
      kbps: 40,
    });
    expect(judge(before, sample({ received: 1090, lost: 510 })).grade).toBe("poor");
    expect(judge(before, sample({ received: 1080, lost: 520 })).grade).toBe("bad");
    expect(judge(before, sample({ rtt_ms: undefined })).grade).toBe("unknown");
    expect(judge(undefined, sample({ sent_loss: 0.2 })).grade).toBe("bad");
  });
});

describe("announcements", () => {
  test("come at most every two seconds, and many become a number", async () => {
    const clock = new VirtualClock();
    const spoken: string[] = [];
    const announcer = new MessageAnnouncer(
      clock,
      (text) => spoken.push(text),
      (count) => `${count} new`,
    );
    announcer.add("a");
    expect(spoken).toEqual(["a"]);
    announcer.add("b");
    announcer.add("c");
    expect(spoken).toEqual(["a"]);
    await clock.advance(2000);
    expect(spoken).toEqual(["a", "b. c"]);
    for (const text of ["d", "e", "f", "g"]) announcer.add(text);
    await clock.advance(2000);
    expect(spoken).toEqual(["a", "b. c", "4 new"]);
    await clock.advance(5000);
    announcer.add("h");
    expect(spoken.at(-1)).toBe("h");
  });
});

describe("what is remembered", () => {
  test("comes back", () => {
    const storage = new MemoryStorage();
    const first = new Preferences(storage);
    first.set("name", "Ada");
    first.set_volume("Bo", 1.5);
    const second = new Preferences(storage);
    expect(second.name).toBe("Ada");
    expect(second.volume_of("BO")).toBe(1.5);
    second.set_volume("Bo", 1);
    expect(new Preferences(storage).volumes).toEqual({});
  });

  test("what does not fit is left behind", () => {
    const storage = new MemoryStorage();
    storage.set(
      "preferences",
      '{"name":7,"mode":"shout","theme":"dark","volumes":{"bo":9,"cy":0.5},"__proto__":{"x":1}}',
    );
    const preferences = new Preferences(storage);
    expect(preferences).toMatchObject({ name: "", mode: "voice", theme: "dark" });
    expect(preferences.volumes).toEqual({ cy: 0.5 });
    storage.set("preferences", "{");
    expect(new Preferences(storage).theme).toBe("system");
  });
});
