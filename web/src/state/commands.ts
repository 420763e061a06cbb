// What is typed into the composer: a message, or a command for this client. Nothing that is *received* is ever a command.

export const COMMANDS = [
  "nick",
  "topic",
  "join",
  "leave",
  "me",
  "msg",
  "help",
  "mute",
  "unmute",
  "deafen",
  "kick",
  "call",
  "hangup",
  "quit",
] as const;
export type CommandName = (typeof COMMANDS)[number];

export type Typed =
  | { readonly kind: "nothing" }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "command"; readonly name: CommandName; readonly rest: string }
  | { readonly kind: "voice" }
  | { readonly kind: "unknown"; readonly name: string };

function isCommand(name: string): name is CommandName {
  return (COMMANDS as readonly string[]).includes(name);
}

export function read_typed(text: string): Typed {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "nothing" };
  // The classic words count only when the line is exactly they.
  if (text === "{quit}") return { kind: "command", name: "quit", rest: "" };
  if (text === "[audio]") return { kind: "voice" };
  if (text === "\\{quit}" || text === "\\[audio]") return { kind: "say", text: text.slice(1) };
  if (trimmed.startsWith("//")) return { kind: "say", text: trimmed.slice(1) };
  const match = /^\/(\S*)\s*([^]*)$/.exec(trimmed);
  if (match === null) return { kind: "say", text: trimmed };
  const name = (match[1] ?? "").toLowerCase();
  return isCommand(name) ? { kind: "command", name, rest: (match[2] ?? "").trim() } : { kind: "unknown", name };
}

/** What Tab may complete: a command at the start of the line, or a name behind it. */
export function complete(text: string, names: readonly string[]): string | undefined {
  const word = /\S+$/.exec(text)?.[0];
  if (word === undefined) return undefined;
  const before = text.slice(0, -word.length);
  if (before === "" && word.startsWith("/")) {
    const command = COMMANDS.find((name) => name.startsWith(word.slice(1).toLowerCase()));
    return command === undefined ? undefined : `/${command} `;
  }
  const at = word.startsWith("@") ? "@" : "";
  const start = word.slice(at.length).toLowerCase();
  if (start === "") return undefined;
  const name = names.find((candidate) => candidate.toLowerCase().startsWith(start));
  return name === undefined ? undefined : `${before}${at}${name}${before === "" && at === "" ? ": " : " "}`;
}

/** Length as the server counts it. */
export function code_points(text: string): number {
  return Array.from(text).length;
}

/** Rooms are written with or without their sign: "maps" and "#maps" are one. */
export function room_name(typed: string): string {
  const name = typed.trim();
  return name.startsWith("#") ? name : `#${name}`;
}

export function valid_room_name(name: string): boolean {
  return /^#[\p{L}\p{N}\-_/]{1,50}$/u.test(name);
}

/** Whether somebody is called by name: "@Ana", or "Ana" as a word of its own. */
export function mentions(text: string, name: string): boolean {
  if (name === "") return false;
  const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(^|[^\\p{L}\\p{N}_])${escaped}($|[^\\p{L}\\p{N}_])`, "iu").test(text);
}
