import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import en from "./en.json";
import { day_of, name_list, t } from "./t";

const entries: Readonly<Record<string, string>> = en;

function sources(folder: URL): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      if (entry.isDirectory()) return sources(new URL(`${entry.name}/`, folder));
      return /\.(svelte|ts)$/.test(entry.name) && !entry.name.includes(".test.")
        ? readFileSync(new URL(entry.name, folder), "utf8")
        : "";
    })
    .join("\n");
}

test("plurals and places", () => {
  expect(t("rooms.people", { count: 1 })).toBe("1 person");
  expect(t("rooms.people", { count: 1200 })).toBe("1,200 people");
  expect(t("composer.label", { to: "#lobby" })).toBe("Message #lobby");
});

test("names in a row", () => {
  expect(name_list(["Ana"])).toBe("Ana");
  expect(name_list(["Ana", "Bo", "Cy"])).toBe("Ana, Bo, and Cy");
  expect(name_list(["Ana", "Bo", "Cy", "Dee", "Eve"])).toBe("Ana, Bo, and 3 others");
});

test("days", () => {
  const now = new Date(2026, 10, 21, 9).getTime();
  expect(day_of(new Date(2026, 10, 21, 1).getTime(), now)).toBe("Today");
  expect(day_of(new Date(2026, 10, 20, 23).getTime(), now)).toBe("Yesterday");
});

test("nobody's name can reach into the words", () => {
  expect(t("log.message", { name: "{time}", time: "20:14" })).toBe("{time}, 20:14");
  expect(t("log.message", { name: "$&", time: "x" })).toBe("$&, x");
});

describe("every entry", () => {
  const text = sources(new URL("../", import.meta.url));
  const prefixes = [...text.matchAll(/`([\w.]+)\$\{/g)].map((match) => match[1] ?? "");

  test.each(Object.keys(entries).map((key) => key.replace(/_(one|other)$/, "")))("%s is used", (key) => {
    const used = text.includes(`"${key}"`) || prefixes.some((prefix) => key.startsWith(prefix));
    expect(used).toBe(true);
  });

  test("has both of its plural forms", () => {
    for (const key of Object.keys(entries)) {
      if (key.endsWith("_one")) expect(entries).toHaveProperty([key.replace(/_one$/, "_other")]);
    }
  });
});

test("the names that tests and screen readers rely on", () => {
  expect(
    (
      [
        "join.name",
        "join.call",
        "join.listen",
        "join.chat",
        "devices.microphone",
        "devices.speaker",
        "devices.camera",
        "rooms.title",
        "people.title",
        "rooms.new",
        "new_room.name",
        "new_room.create",
        "call.region",
        "call.mute",
        "call.deafen",
        "call.camera",
        "call.share",
        "call.leave",
        "call.join",
        "mic.denied.title",
      ] as const
    ).map((key) => t(key)),
  ).toEqual([
    "Your name",
    "Join call",
    "Listen only",
    "Chat only",
    "Microphone",
    "Speaker",
    "Camera",
    "Rooms",
    "People",
    "New room",
    "Room name",
    "Create",
    "Call",
    "Mute",
    "Deafen",
    "Camera",
    "Share screen",
    "Leave call",
    "Join call",
    "Microphone blocked",
  ]);
  expect(t("people.volume", { name: "Ana" })).toBe("Volume of Ana");
  expect(t("log.label", { room: "#maps" })).toBe("Messages in #maps");
  expect(t("state.reconnecting")).toContain("Reconnecting");
});
