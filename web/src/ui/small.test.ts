import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { is_invite, path_of, room_in_path } from "./address";
import { Announcer } from "./announcer.svelte";
import { HUES, hue_of, initials_of } from "./parts/face";

describe("addresses", () => {
  test.each([
    ["/", "#lobby"],
    ["/r/maps", "#maps"],
    ["/r/b%C3%BCro/2", "#büro/2"],
    ["/r/maps/", "#maps"],
    ["/r/%E0%A4%A", undefined],
    ["/j/abc", undefined],
    ["/x", undefined],
  ])("%s", (path, room) => {
    expect(room_in_path(path)).toBe(room);
  });
  test("there and back", () => {
    for (const room of ["#lobby", "#büro/2", "#a_b-c"]) expect(room_in_path(path_of(room))).toBe(room);
    expect(is_invite("/j/8Kf2")).toBe(true);
  });
});

describe("faces", () => {
  test("initials", () => {
    expect(["Ana", "Bo Lindqvist", "mika_2", "日本", "🎧", "a.b.c", ""].map(initials_of)).toEqual([
      "A",
      "BL",
      "M2",
      "日",
      "🎧",
      "AC",
      "",
    ]);
  });
  test("the same name has the same colour, and names spread over all of them", () => {
    expect(hue_of("Ana")).toBe(hue_of("ana"));
    const hues = new Set(Array.from({ length: 200 }, (_, index) => hue_of(`name ${index}`)));
    expect(hues.size).toBe(HUES);
  });
  test("every colour carries white letters at 4.5:1", () => {
    const colours = [
      ...readFileSync(new URL("parts/Avatar.svelte", import.meta.url), "utf8").matchAll(/background: #(\w{6})/g),
    ];
    expect(colours).toHaveLength(HUES);
    for (const [, hex] of colours) {
      const [r, g, b] = [0, 2, 4].map((at) => {
        const part = parseInt(hex?.slice(at, at + 2) ?? "", 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      const luminance = 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
      expect(1.05 / (luminance + 0.05)).toBeGreaterThanOrEqual(4.5);
    }
  });
});

test("the same announcement twice is news twice", () => {
  const announcer = new Announcer();
  announcer.announce("Reconnecting", "assertive");
  const first = announcer.assertive;
  announcer.announce("Reconnecting", "assertive");
  expect(announcer.assertive).not.toBe(first);
  expect(announcer.assertive.trim()).toBe("Reconnecting");
  expect(announcer.polite).toBe("");
});
