// Made by tools/generate_protocol.py from proto/messages.json. Edit that file, not this one.
// proto/PROTOCOL.md tells what each message means.

export const PROTOCOL = 1;

export const CLIENT_KIND_VALUES = ["browser", "terminal", "mumble", "irc", "socket", "voix"] as const;
export type ClientKind = (typeof CLIENT_KIND_VALUES)[number];
export const PRESENCE_VALUES = ["here", "quiet", "reconnecting"] as const;
export type Presence = (typeof PRESENCE_VALUES)[number];
export const LEAVE_REASON_VALUES = ["left", "quit", "lost", "closing", "removed"] as const;
export type LeaveReason = (typeof LEAVE_REASON_VALUES)[number];
export const CALL_END_REASON_VALUES = ["left", "replaced", "failed", "lost", "room_left", "closing"] as const;
export type CallEndReason = (typeof CALL_END_REASON_VALUES)[number];
export const CLOSING_REASON_VALUES = ["shutdown", "replaced", "slow_reader", "protocol_error", "flood", "idle", "server_full"] as const;
export type ClosingReason = (typeof CLOSING_REASON_VALUES)[number];
export const REFUSAL_VALUES = ["bad_request", "unknown_type", "hello_first", "version", "name_invalid", "name_taken", "room_invalid", "not_in_room", "no_such_room", "no_such_member", "too_long", "empty", "flood", "too_many_rooms", "too_many_members", "call_full", "no_call", "bad_sdp", "not_saved", "busy", "session_unknown", "not_allowed", "removed"] as const;
export type Refusal = (typeof REFUSAL_VALUES)[number];

export interface Person {
  readonly member: number;
  readonly name: string;
  readonly client: ClientKind;
  readonly presence: Presence;
  readonly in_call: boolean;
  readonly listen_only: boolean;
  readonly muted: boolean;
  readonly deafened: boolean;
  readonly camera?: boolean;
  readonly share?: boolean;
  readonly operates?: boolean;
}

export interface ChatMessage {
  readonly id: number;
  readonly time: number;
  readonly member: number;
  readonly name: string;
  readonly text: string;
}

export interface RoomSummary {
  readonly name: string;
  readonly topic: string;
  readonly people: number;
  readonly in_call: number;
}

export interface Slot {
  readonly slot: number;
  readonly member?: number;
}

export interface Tile {
  readonly member: number;
  readonly share: boolean;
  readonly width: number;
  readonly height: number;
}

export interface VideoSlot {
  readonly slot: number;
  readonly member: number;
  readonly share: boolean;
}

export interface Limits {
  readonly text_characters: number;
  readonly name_characters: number;
  readonly history_page: number;
  readonly messages_per_second: number;
  readonly audio_slots: number;
}

export interface ClientHello {
  readonly type: "hello";
  readonly request: number;
  readonly protocol: number;
  readonly name: string;
  readonly kind: ClientKind;
  readonly agent?: string;
  readonly session?: string;
}

export interface ClientJoin {
  readonly type: "join";
  readonly request: number;
  readonly room: string;
}

export interface ClientLeave {
  readonly type: "leave";
  readonly request: number;
  readonly room: string;
}

export interface ClientSay {
  readonly type: "say";
  readonly request: number;
  readonly room: string;
  readonly text: string;
  readonly client_message_id: string;
}

export interface ClientDirect {
  readonly type: "direct";
  readonly request: number;
  readonly to: number;
  readonly text: string;
  readonly client_message_id: string;
}

export interface ClientTyping {
  readonly type: "typing";
  readonly room: string;
}

export interface ClientTopic {
  readonly type: "topic";
  readonly request: number;
  readonly room: string;
  readonly topic: string;
}

export interface ClientNick {
  readonly type: "nick";
  readonly request: number;
  readonly name: string;
}

export interface ClientHistory {
  readonly type: "history";
  readonly request: number;
  readonly room: string;
  readonly before?: number;
  readonly after?: number;
  readonly limit?: number;
}

export interface ClientCallJoin {
  readonly type: "call_join";
  readonly request: number;
  readonly room: string;
  readonly listen_only: boolean;
  readonly muted: boolean;
}

export interface ClientCallAnswer {
  readonly type: "call_answer";
  readonly request: number;
  readonly call: number;
  readonly sdp: string;
}

export interface ClientCallRestart {
  readonly type: "call_restart";
  readonly request: number;
  readonly call: number;
}

export interface ClientCallLeave {
  readonly type: "call_leave";
  readonly request: number;
}

export interface ClientVoice {
  readonly type: "voice";
  readonly muted: boolean;
  readonly deafened: boolean;
}

export interface ClientVideo {
  readonly type: "video";
  readonly request: number;
  readonly camera: boolean;
  readonly share: boolean;
}

export interface ClientView {
  readonly type: "view";
  readonly tiles: readonly Tile[];
}

export interface ClientRemove {
  readonly type: "remove";
  readonly request: number;
  readonly room: string;
  readonly member: number;
  readonly reason?: string;
}

export interface ClientMuteMember {
  readonly type: "mute_member";
  readonly request: number;
  readonly room: string;
  readonly member: number;
}

export interface ClientOperate {
  readonly type: "operate";
  readonly request: number;
  readonly key: string;
}

export interface ClientPing {
  readonly type: "ping";
  readonly request: number;
}

export interface ClientQuit {
  readonly type: "quit";
}

export type ClientMessage =
  | ClientHello
  | ClientJoin
  | ClientLeave
  | ClientSay
  | ClientDirect
  | ClientTyping
  | ClientTopic
  | ClientNick
  | ClientHistory
  | ClientCallJoin
  | ClientCallAnswer
  | ClientCallRestart
  | ClientCallLeave
  | ClientVoice
  | ClientVideo
  | ClientView
  | ClientRemove
  | ClientMuteMember
  | ClientOperate
  | ClientPing
  | ClientQuit;

export interface ServerWelcome {
  readonly type: "welcome";
  readonly request: number;
  readonly protocol: number;
  readonly session: string;
  readonly resumed: boolean;
  readonly member: number;
  readonly name: string;
  readonly server: string;
  readonly version: string;
  readonly limits: Limits;
  readonly rooms: readonly RoomSummary[];
  readonly joined: readonly string[];
}

export interface ServerRefused {
  readonly type: "refused";
  readonly request?: number;
  readonly code: Refusal;
  readonly text: string;
  readonly suggestion?: string;
}

export interface ServerDone {
  readonly type: "done";
  readonly request: number;
}

export interface ServerJoined {
  readonly type: "joined";
  readonly request?: number;
  readonly room: string;
  readonly topic: string;
  readonly people: readonly Person[];
  readonly last_message?: number;
  readonly slots: readonly Slot[];
  readonly keeper?: number;
}

export interface ServerLeft {
  readonly type: "left";
  readonly request?: number;
  readonly room: string;
}

export interface ServerPersonJoined {
  readonly type: "person_joined";
  readonly room: string;
  readonly person: Person;
}

export interface ServerPersonLeft {
  readonly type: "person_left";
  readonly room: string;
  readonly member: number;
  readonly name: string;
  readonly reason: LeaveReason;
  readonly by?: string;
  readonly because?: string;
}

export interface ServerPersonChanged {
  readonly type: "person_changed";
  readonly room: string;
  readonly person: Person;
  readonly old_name?: string;
}

export interface ServerRoomMessage {
  readonly type: "message";
  readonly room: string;
  readonly message: ChatMessage;
}

export interface ServerAccepted {
  readonly type: "accepted";
  readonly request: number;
  readonly client_message_id: string;
  readonly id: number;
  readonly time: number;
}

export interface ServerDirect {
  readonly type: "direct";
  readonly id: number;
  readonly time: number;
  readonly from: number;
  readonly from_name: string;
  readonly to: number;
  readonly to_name: string;
  readonly text: string;
}

export interface ServerTyping {
  readonly type: "typing";
  readonly room: string;
  readonly member: number;
}

export interface ServerTopic {
  readonly type: "topic";
  readonly room: string;
  readonly topic: string;
  readonly name: string;
}

export interface ServerHistory {
  readonly type: "history";
  readonly request: number;
  readonly room: string;
  readonly messages: readonly ChatMessage[];
  readonly complete: boolean;
}

export interface ServerKeeper {
  readonly type: "keeper";
  readonly room: string;
  readonly member?: number;
  readonly name?: string;
}

export interface ServerRemoved {
  readonly type: "removed";
  readonly room: string;
  readonly by: number;
  readonly by_name: string;
  readonly because?: string;
}

export interface ServerMutedBy {
  readonly type: "muted_by";
  readonly room: string;
  readonly by: number;
  readonly by_name: string;
}

export interface ServerRoomChanged {
  readonly type: "room_changed";
  readonly room: RoomSummary;
}

export interface ServerRoomGone {
  readonly type: "room_gone";
  readonly name: string;
}

export interface ServerCallOffer {
  readonly type: "call_offer";
  readonly request?: number;
  readonly call: number;
  readonly room: string;
  readonly sdp: string;
}

export interface ServerCallSlots {
  readonly type: "call_slots";
  readonly room: string;
  readonly slots: readonly Slot[];
}

export interface ServerVideoSlots {
  readonly type: "video_slots";
  readonly call: number;
  readonly slots: readonly VideoSlot[];
}

export interface ServerSpeaking {
  readonly type: "speaking";
  readonly room: string;
  readonly member: number;
  readonly speaking: boolean;
}

export interface ServerCallEnded {
  readonly type: "call_ended";
  readonly call: number;
  readonly room: string;
  readonly reason: CallEndReason;
}

export interface ServerClosing {
  readonly type: "closing";
  readonly reason: ClosingReason;
  readonly text: string;
  readonly retry_after_ms?: number;
}

export interface ServerPong {
  readonly type: "pong";
  readonly request: number;
}

export type ServerMessage =
  | ServerWelcome
  | ServerRefused
  | ServerDone
  | ServerJoined
  | ServerLeft
  | ServerPersonJoined
  | ServerPersonLeft
  | ServerPersonChanged
  | ServerRoomMessage
  | ServerAccepted
  | ServerDirect
  | ServerTyping
  | ServerTopic
  | ServerHistory
  | ServerKeeper
  | ServerRemoved
  | ServerMutedBy
  | ServerRoomChanged
  | ServerRoomGone
  | ServerCallOffer
  | ServerCallSlots
  | ServerVideoSlots
  | ServerSpeaking
  | ServerCallEnded
  | ServerClosing
  | ServerPong;

type Fields = Readonly<Record<string, string>>;
type Table = Readonly<Record<string, Fields>>;
const enums: Readonly<Record<string, readonly string[]>> = {
  client_kind: CLIENT_KIND_VALUES,
  presence: PRESENCE_VALUES,
  leave_reason: LEAVE_REASON_VALUES,
  call_end_reason: CALL_END_REASON_VALUES,
  closing_reason: CLOSING_REASON_VALUES,
  refusal: REFUSAL_VALUES,
};
const types: Table = {
  person: { member: "id", name: "text", client: "client_kind", presence: "presence", in_call: "bool", listen_only: "bool", muted: "bool", deafened: "bool", camera: "bool?", share: "bool?", operates: "bool?" },
  chat_message: { id: "id", time: "ms", member: "id", name: "text", text: "text" },
  room_summary: { name: "text", topic: "text", people: "int", in_call: "int" },
  slot: { slot: "int", member: "id?" },
  tile: { member: "id", share: "bool", width: "int", height: "int" },
  video_slot: { slot: "int", member: "id", share: "bool" },
  limits: { text_characters: "int", name_characters: "int", history_page: "int", messages_per_second: "int", audio_slots: "int" },
};
const clientMessages: Table = {
  hello: { request: "int", protocol: "int", name: "text", kind: "client_kind", agent: "text?", session: "text?" },
  join: { request: "int", room: "text" },
  leave: { request: "int", room: "text" },
  say: { request: "int", room: "text", text: "text", client_message_id: "text" },
  direct: { request: "int", to: "id", text: "text", client_message_id: "text" },
  typing: { room: "text" },
  topic: { request: "int", room: "text", topic: "text" },
  nick: { request: "int", name: "text" },
  history: { request: "int", room: "text", before: "id?", after: "id?", limit: "int?" },
  call_join: { request: "int", room: "text", listen_only: "bool", muted: "bool" },
  call_answer: { request: "int", call: "id", sdp: "text" },
  call_restart: { request: "int", call: "id" },
  call_leave: { request: "int" },
  voice: { muted: "bool", deafened: "bool" },
  video: { request: "int", camera: "bool", share: "bool" },
  view: { tiles: "tile[]" },
  remove: { request: "int", room: "text", member: "id", reason: "text?" },
  mute_member: { request: "int", room: "text", member: "id" },
  operate: { request: "int", key: "text" },
  ping: { request: "int" },
  quit: {},
};
const serverMessages: Table = {
  welcome: { request: "int", protocol: "int", session: "text", resumed: "bool", member: "id", name: "text", server: "text", version: "text", limits: "limits", rooms: "room_summary[]", joined: "text[]" },
  refused: { request: "int?", code: "refusal", text: "text", suggestion: "text?" },
  done: { request: "int" },
  joined: { request: "int?", room: "text", topic: "text", people: "person[]", last_message: "id?", slots: "slot[]", keeper: "id?" },
  left: { request: "int?", room: "text" },
  person_joined: { room: "text", person: "person" },
  person_left: { room: "text", member: "id", name: "text", reason: "leave_reason", by: "text?", because: "text?" },
  person_changed: { room: "text", person: "person", old_name: "text?" },
  message: { room: "text", message: "chat_message" },
  accepted: { request: "int", client_message_id: "text", id: "id", time: "ms" },
  direct: { id: "id", time: "ms", from: "id", from_name: "text", to: "id", to_name: "text", text: "text" },
  typing: { room: "text", member: "id" },
  topic: { room: "text", topic: "text", name: "text" },
  history: { request: "int", room: "text", messages: "chat_message[]", complete: "bool" },
  keeper: { room: "text", member: "id?", name: "text?" },
  removed: { room: "text", by: "id", by_name: "text", because: "text?" },
  muted_by: { room: "text", by: "id", by_name: "text" },
  room_changed: { room: "room_summary" },
  room_gone: { name: "text" },
  call_offer: { request: "int?", call: "id", room: "text", sdp: "text" },
  call_slots: { room: "text", slots: "slot[]" },
  video_slots: { call: "id", slots: "video_slot[]" },
  speaking: { room: "text", member: "id", speaking: "bool" },
  call_ended: { call: "id", room: "text", reason: "call_end_reason" },
  closing: { reason: "closing_reason", text: "text", retry_after_ms: "int?" },
  pong: { request: "int" },
};

export interface DecodeError {
  readonly type: "decode_error";
  readonly kind: "malformed" | "unknown_type" | "bad_field";
  /** There when it could be read. */
  readonly request?: number;
  /** A sentence that names the field. */
  readonly text: string;
}

const MAX_DEPTH = 8;
const MAX_ITEMS = 10_000;

type Wrong = { readonly path: string; readonly text: string };
type Read = { readonly value: unknown } | { readonly wrong: Wrong };

const wrong = (text: string): Read => ({ wrong: { path: "", text } });

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function readNumber(value: unknown, least: number): Read {
  return isWhole(value, least) ? { value } : wrong(`must be a whole number from ${least} to 2^53 - 1`);
}

function readItems(kind: string, value: unknown): Read {
  if (!Array.isArray(value) || value.length > MAX_ITEMS) return wrong(`must be a list of at most ${MAX_ITEMS} items`);
  const items: unknown[] = [];
  for (const [index, item] of value.entries()) {
    const read = readValue("", kind, item);
    if ("wrong" in read) return { wrong: { path: `[${index}]${read.wrong.path}`, text: read.wrong.text } };
    items.push(read.value);
  }
  return { value: items };
}

function readValue(field: string, kind: string, value: unknown): Read {
  if (kind.endsWith("[]")) return readItems(kind.slice(0, -2), value);
  switch (kind) {
    case "id":
      return readNumber(value, 1);
    case "ms":
    case "int":
      return readNumber(value, field === "request" ? 1 : 0);
    case "bool":
      return typeof value === "boolean" ? { value } : wrong("must be true or false");
    case "text":
      return typeof value === "string" ? { value } : wrong("must be a text");
  }
  const values = enums[kind];
  if (values !== undefined) {
    return typeof value === "string" && values.includes(value) ? { value } : wrong(`must be one of ${values.join(", ")}`);
  }
  if (!isObject(value)) return wrong("must be an object");
  const read = readFields(types[kind] ?? {}, value, {});
  return "wrong" in read ? { wrong: { path: `.${read.wrong.path}`, text: read.wrong.text } } : read;
}

/** Copies the known fields and leaves the unknown ones behind. */
function readFields(fields: Fields, from: Readonly<Record<string, unknown>>, into: Record<string, unknown>): Read {
  for (const [field, kind] of Object.entries(fields)) {
    if (!Object.hasOwn(from, field)) {
      if (kind.endsWith("?")) continue;
      return { wrong: { path: field, text: "is missing" } };
    }
    const read = readValue(field, kind.endsWith("?") ? kind.slice(0, -1) : kind, from[field]);
    if ("wrong" in read) return { wrong: { path: field + read.wrong.path, text: read.wrong.text } };
    into[field] = read.value;
  }
  return { value: into };
}

function deepest(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return left > 0 && Object.values(value).every((inner) => deepest(inner, left - 1));
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return deepest(value, MAX_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}

function decode(table: Table, text: string): { readonly message: unknown } | DecodeError {
  const object = parse(text);
  if (!isObject(object)) return { type: "decode_error", kind: "malformed", text: "The message is not one JSON object." };
  const request = isWhole(object["request"], 1) ? { request: object["request"] } : {};
  const type = Object.hasOwn(object, "type") ? object["type"] : undefined;
  if (typeof type !== "string") return { type: "decode_error", kind: "bad_field", text: 'The field "type" must be a text.', ...request };
  const fields = own(table, type);
  if (fields === undefined) return { type: "decode_error", kind: "unknown_type", text: "There is no message of this type.", ...request };
  const read = readFields(fields, object, { type });
  if ("wrong" in read) {
    return { type: "decode_error", kind: "bad_field", text: `The field "${read.wrong.path}" ${read.wrong.text}.`, ...request };
  }
  return { message: read.value };
}

// A half of a surrogate pair cannot travel as UTF-8 and would make the whole message unreadable.
function encode(message: ClientMessage | ServerMessage): string {
  return JSON.stringify(message, (_key: string, value: unknown): unknown =>
    typeof value === "string" ? value.replace(/\p{Surrogate}/gu, "\uFFFD") : value,
  );
}

export function isDecodeError(message: ClientMessage | ServerMessage | DecodeError): message is DecodeError {
  return message.type === "decode_error";
}

export function decodeServer(text: string): ServerMessage | DecodeError {
  const decoded = decode(serverMessages, text);
  return "message" in decoded ? (decoded.message as ServerMessage) : decoded;
}

export function decodeClient(text: string): ClientMessage | DecodeError {
  const decoded = decode(clientMessages, text);
  return "message" in decoded ? (decoded.message as ClientMessage) : decoded;
}

export function encodeClient(message: ClientMessage): string {
  return encode(message);
}

export function encodeServer(message: ServerMessage): string {
  return encode(message);
}
