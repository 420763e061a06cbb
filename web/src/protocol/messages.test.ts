// The TypeScript twin of src/wire/web_messages_test.cpp: the same examples, the same judgement.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeClient, decodeServer, encodeClient, encodeServer, isDecodeError } from "./messages";

interface Example {
  readonly direction: "client" | "server";
  readonly valid: boolean;
  readonly json: string;
}

function readHere(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

function examples(): Example[] {
  const blocks = readHere("../../../proto/PROTOCOL.md").matchAll(/^```json (client|server)( invalid)?\n([^]*?)^```$/gm);
  return [...blocks].map(([, direction, invalid, json]) => ({
    direction: direction === "client" ? "client" : "server",
    valid: invalid === undefined,
    json: json ?? "",
  }));
}

/** Decodes, encodes and parses again; undefined when it was refused. */
function roundTrip({ direction, json }: Example): unknown {
  if (direction === "client") {
    const message = decodeClient(json);
    return isDecodeError(message) ? undefined : JSON.parse(encodeClient(message));
  }
  const message = decodeServer(json);
  return isDecodeError(message) ? undefined : JSON.parse(encodeServer(message));
}

function withoutMood(json: string): unknown {
  return JSON.parse(json, function (this: unknown, key, value: unknown) {
    return key === "mood" ? undefined : value;
  });
}

describe("the examples of PROTOCOL.md", () => {
  test("are many", () => {
    expect(examples().length).toBeGreaterThan(60);
  });

  test.each(examples())("$direction $json", (example) => {
    expect(roundTrip(example)).toEqual(example.valid ? withoutMood(example.json) : undefined);
  });

  test("show every message of the schema", () => {
    const schema = JSON.parse(readHere("../../../proto/messages.json")) as Record<"client" | "server", Record<string, unknown>>;
    const shown = new Set(
      examples()
        .filter((example) => example.valid)
        .map((example) => `${example.direction} ${(JSON.parse(example.json) as { type: string }).type}`),
    );
    for (const direction of ["client", "server"] as const) {
      for (const name of Object.keys(schema[direction])) expect(shown).toContain(`${direction} ${name}`);
    }
  });
});

describe("errors", () => {
  test("name the field and the request", () => {
    expect(decodeServer('{"type":"call_slots","room":"#a","slots":[{"slot":0},{"slot":-1}]}')).toEqual({
      type: "decode_error",
      kind: "bad_field",
      text: 'The field "slots[1].slot" must be a whole number from 0 to 2^53 - 1.',
    });
    expect(decodeClient('{"type":"join","request":42}')).toMatchObject({ kind: "bad_field", request: 42, text: 'The field "room" is missing.' });
  });

  test("tell an unknown type from nonsense", () => {
    expect(decodeServer('{"type":"sing","request":9}')).toMatchObject({ kind: "unknown_type", request: 9 });
    expect(decodeServer('{"type":"toString"}')).toMatchObject({ kind: "unknown_type" });
    expect(decodeServer('{"type":"__proto__"}')).toMatchObject({ kind: "unknown_type" });
    for (const text of ["", "null", "[]", "{", '"pong"']) expect(decodeServer(text)).toMatchObject({ kind: "malformed" });
  });

  test("come from fields that only the prototype has", () => {
    expect(decodeServer('{"type":"pong","__proto__":{"request":1}}')).toMatchObject({ kind: "bad_field" });
  });

  test("come from depth", () => {
    const nested = (depth: number): string => `{"type":"pong","request":1,"x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    expect(decodeServer(nested(7))).toEqual({ type: "pong", request: 1 });
    expect(decodeServer(nested(8))).toMatchObject({ kind: "malformed" });
  });
});

test("half a surrogate pair does not spoil the message", () => {
  expect(encodeClient({ type: "typing", room: "a\ud800b" })).toBe('{"type":"typing","room":"a\uFFFDb"}');
});
