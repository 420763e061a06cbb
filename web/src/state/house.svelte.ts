// The whole of what this client knows: the rooms it is in, the rooms there are, whom it speaks with, what is looked at.
import { SvelteMap } from "svelte/reactivity";
import type {
  ChatMessage,
  Limits,
  Person,
  RoomSummary,
  ServerDirect,
  ServerMessage,
  ServerWelcome,
} from "../protocol/messages";
import type { Call } from "./call.svelte";
import type { Clock } from "./clock";
import { mentions } from "./commands";
import { ConnectionLost, Refused, type Connection } from "./connection.svelte";
import { Outgoing, Room } from "./room.svelte";
import { isRecord, readJson, type Storage } from "./storage";

export interface DirectLine {
  readonly id: number;
  readonly time: number;
  readonly member: number;
  readonly name: string;
  readonly text: string;
}

/** Words between two members. Nobody keeps them: they end with this page. */
export class Conversation {
  name = $state("");
  lines = $state.raw<readonly DirectLine[]>([]);
  outgoing = $state.raw<readonly Outgoing[]>([]);
  unread = $state(0);
  draft = $state("");
  constructor(
    readonly member: number,
    name: string,
  ) {
    this.name = name;
  }
}

export type View =
  | { readonly kind: "room"; readonly name: string }
  | { readonly kind: "direct"; readonly member: number }
  /** One was put out of a room: it is told until one goes somewhere else. `by` is empty when that is not known. */
  | { readonly kind: "removed"; readonly name: string; readonly by: string; readonly because: string };

export interface Arrival {
  readonly room: Room;
  readonly message: ChatMessage;
  readonly mentioned: boolean;
  /** The room is being looked at, at its end. */
  readonly seen: boolean;
}
export interface HouseEvents {
  message(arrival: Arrival): void;
  direct(conversation: Conversation, line: DirectLine, seen: boolean): void;
  came_or_went(room: Room, person: string, came: boolean): void;
  removed(room: string, by: string): void;
}

const MOST_WHILE_READING = 5000;
const TYPING_EVERY_MS = 3000;
const MOST_DIRECT_LINES = 500;
const MOST_CATCH_UP_PAGES = 200;
const OUTBOX = "outbox";
const DEFAULT_LIMITS: Limits = {
  text_characters: 4000,
  name_characters: 32,
  history_page: 100,
  messages_per_second: 10,
  audio_slots: 8,
};

export class House {
  readonly rooms = new SvelteMap<string, Room>();
  readonly summaries = new SvelteMap<string, RoomSummary>();
  readonly directs = new SvelteMap<number, Conversation>();
  view = $state<View>();
  member = $state(0);
  name = $state("");
  server = $state("");
  version = $state("");
  limits = $state.raw<Limits>(DEFAULT_LIMITS);
  /** The window has the focus, and the log shows its end: what arrives is read. */
  focused = $state(true);
  at_end = $state(true);
  call: Call | undefined;

  readonly room = $derived(this.view?.kind === "room" ? this.rooms.get(this.view.name) : undefined);
  readonly conversation = $derived(this.view?.kind === "direct" ? this.directs.get(this.view.member) : undefined);
  readonly unread = $derived(
    [...this.rooms.values()].reduce((sum, room) => sum + room.unread, 0) +
      [...this.directs.values()].reduce((sum, { unread }) => sum + unread, 0),
  );

  private typed = { room: "", at: 0 };
  /** Messages that are being said right now: each is said by one caller at a time. */
  private readonly resends = new Set<string>();

  constructor(
    private readonly line: () => Connection,
    private readonly clock: Clock,
    private readonly new_id: () => string,
    private readonly storage: Storage,
    private readonly events: HouseEvents,
  ) {}

  // --- what one does ---

  async join(name: string): Promise<Room> {
    const joined = await this.line().ask({ type: "join", room: name });
    return this.room_of(joined.room);
  }

  async open(name: string): Promise<void> {
    const known = this.find(name);
    if (known !== undefined) {
      this.look_at({ kind: "room", name: known.name });
      return;
    }
    const room = await this.join(name);
    this.look_at({ kind: "room", name: room.name });
  }

  async leave(name: string): Promise<void> {
    await this.line().ask({ type: "leave", room: name });
  }

  look_at(view: View): void {
    this.room?.looked_away();
    this.view = view;
    this.at_end = true;
    this.read();
  }

  talk_with(person: { readonly member: number; readonly name: string }): void {
    this.conversation_with(person.member, person.name);
    this.look_at({ kind: "direct", member: person.member });
  }

  /** What is looked at, is read. */
  read(): void {
    if (!this.focused || !this.at_end) return;
    this.room?.mark_read();
    if (this.conversation !== undefined) this.conversation.unread = 0;
  }

  read_all(): void {
    for (const room of this.rooms.values()) room.mark_read();
    for (const conversation of this.directs.values()) conversation.unread = 0;
  }

  set_focused(focused: boolean): void {
    if (!focused) this.room?.looked_away();
    this.focused = focused;
    this.read();
  }

  set_at_end(at_end: boolean): void {
    this.at_end = at_end;
    this.read();
  }

  say(room: Room, text: string): void {
    const outgoing = new Outgoing(this.new_id(), text, this.clock.now());
    room.send(outgoing);
    this.typed.room = ""; // the message ended what others saw; the next word is worth telling at once
    this.save_outbox();
    void this.deliver(room, outgoing);
  }

  retry(room: Room, outgoing: Outgoing): void {
    outgoing.state = "sending";
    void this.deliver(room, outgoing);
  }

  discard(room: Room, outgoing: Outgoing): void {
    room.discard(outgoing);
    this.save_outbox();
  }

  say_directly(conversation: Conversation, text: string): void {
    const outgoing = new Outgoing(this.new_id(), text, this.clock.now());
    conversation.outgoing = [...conversation.outgoing, outgoing];
    void this.deliver_directly(conversation, outgoing);
  }

  retry_directly(conversation: Conversation, outgoing: Outgoing): void {
    outgoing.state = "sending";
    void this.deliver_directly(conversation, outgoing);
  }

  typing(room: Room): void {
    const now = this.clock.now();
    if (this.typed.room === room.name && now - this.typed.at < TYPING_EVERY_MS) return;
    this.typed = { room: room.name, at: now };
    this.line().tell({ type: "typing", room: room.name });
  }

  /** Whether one is the room's keeper, or the operator of the house. */
  may_moderate(room: Room): boolean {
    return room.keeper === this.member || room.people.get(this.member)?.operates === true;
  }

  async remove(room: Room, member: number, reason: string): Promise<void> {
    const because = reason.trim();
    await this.line().ask({
      type: "remove",
      room: room.name,
      member,
      ...(because === "" ? {} : { reason: because }),
    });
  }

  async mute(room: Room, member: number): Promise<void> {
    await this.line().ask({ type: "mute_member", room: room.name, member });
  }

  async set_topic(room: Room, topic: string): Promise<void> {
    await this.line().ask({ type: "topic", room: room.name, topic });
  }

  async rename(name: string): Promise<void> {
    await this.line().ask({ type: "nick", name });
  }

  async older(room: Room): Promise<void> {
    const first = room.messages[0];
    if (room.paging || room.complete || first === undefined) return;
    room.paging = true;
    try {
      const page = await this.line().ask({ type: "history", room: room.name, before: first.id });
      room.older_page(page.messages, page.complete);
    } catch {
      // Scrolling asks again.
    } finally {
      room.paging = false;
    }
  }

  person_called(name: string): Person | undefined {
    const wanted = name.toLowerCase();
    for (const room of this.rooms.values()) {
      for (const person of room.people.values()) if (person.name.toLowerCase() === wanted) return person;
    }
    return undefined;
  }

  find(name: string): Room | undefined {
    const wanted = name.toLowerCase();
    return [...this.rooms.values()].find((room) => room.name.toLowerCase() === wanted);
  }

  // --- what the house says ---

  welcomed(welcome: ServerWelcome): void {
    this.member = welcome.member;
    this.name = welcome.name;
    this.server = welcome.server;
    this.version = welcome.version;
    this.limits = welcome.limits;
    this.summaries.clear();
    for (const room of welcome.rooms) this.summaries.set(room.name, room);
    for (const room of this.rooms.values()) {
      if (!welcome.joined.includes(room.name)) void this.join_again(room);
    }
  }

  lost(): void {
    for (const room of this.rooms.values()) room.lost_touch();
  }

  receive(message: ServerMessage): void {
    switch (message.type) {
      case "joined":
        this.joined(message);
        break;
      case "left":
        this.forget(message.room);
        break;
      case "removed":
        this.put_out(message.room, message.by_name, message.because ?? "");
        break;
      case "room_changed":
        this.summaries.set(message.room.name, message.room);
        break;
      case "room_gone":
        this.summaries.delete(message.name);
        break;
      case "direct":
        this.direct(message);
        break;
      case "person_joined":
      case "person_left":
      case "person_changed":
      case "message":
      case "typing":
      case "topic":
      case "keeper":
      case "call_slots":
      case "speaking": {
        const room = this.rooms.get(message.room);
        if (room !== undefined) this.in_room(room, message);
        break;
      }
      default:
        break;
    }
  }

  private in_room(
    room: Room,
    message: Extract<
      ServerMessage,
      {
        type:
          | "person_joined"
          | "person_left"
          | "person_changed"
          | "message"
          | "typing"
          | "topic"
          | "keeper"
          | "call_slots"
          | "speaking";
      }
    >,
  ): void {
    switch (message.type) {
      case "person_joined":
        this.person_joined(room, message.person);
        break;
      case "person_left":
        room.person_gone(message.member);
        if (message.reason === "removed")
          room.note(
            "removed",
            message.name,
            `${message.by ?? ""}${message.because === undefined ? "" : `: ${message.because}`}`,
          );
        else room.note(message.reason === "lost" ? "lost" : "went", message.name);
        break;
      case "person_changed":
        this.person_changed(room, message.person, message.old_name);
        break;
      case "message":
        this.message(room, message.message);
        break;
      case "typing":
        if (message.member !== this.member) room.heard_typing(message.member);
        break;
      case "topic":
        room.topic = message.topic;
        room.note("topic", message.name, message.topic);
        break;
      case "keeper":
        room.keeper = message.member;
        if (message.name !== undefined) room.note("keeper", message.name);
        break;
      case "call_slots":
        room.set_slots(message.slots);
        break;
      case "speaking":
        if (message.speaking) room.speaking.add(message.member);
        else room.speaking.delete(message.member);
        break;
    }
  }

  private joined(message: Extract<ServerMessage, { type: "joined" }>): void {
    const room = this.room_of(message.room);
    room.joined = true;
    room.topic = message.topic;
    room.keeper = message.keeper;
    room.set_people(message.people);
    room.slots.clear();
    room.set_slots(message.slots);
    const last = message.last_message ?? 0;
    if (room.cursor > 0 && last < room.cursor) room.start_over();
    if (room.cursor === 0) void this.load(room);
    else void this.catch_up(room);
    const me = room.people.get(this.member);
    this.call?.room_joined(room.name, me?.in_call ?? false);
    void this.send_waiting(room);
  }

  /** The newest page; what stands above it comes when it is scrolled to. */
  async load(room: Room): Promise<void> {
    room.history = "loading";
    try {
      const page = await this.line().ask({ type: "history", room: room.name });
      room.first_page(page.messages, page.complete);
    } catch {
      room.history = "failed";
    }
  }

  private async catch_up(room: Room): Promise<void> {
    try {
      for (let page_number = 0; page_number < MOST_CATCH_UP_PAGES; ++page_number) {
        const page = await this.line().ask({ type: "history", room: room.name, after: room.cursor });
        const fresh = room.newer_page(page.messages, page.complete);
        this.count(room, fresh);
        if (page.complete || page.messages.length === 0) return;
      }
    } catch {
      // The next `joined` goes on from the cursor.
    }
  }

  private async join_again(room: Room): Promise<void> {
    try {
      await this.join(room.name);
    } catch (error) {
      if (!(error instanceof Refused)) return;
      if (error.code === "removed") this.put_out(room.name, "", "");
      else room.note("info", "", error.message);
    }
  }

  /** Out of a room by somebody's will: what one looked at says so, and nothing goes back there by itself. */
  private put_out(name: string, by: string, because: string): void {
    const looked_at = this.view?.kind === "room" && this.view.name === name;
    this.rooms.delete(name);
    if (looked_at) this.view = { kind: "removed", name, by, because };
    this.events.removed(name, by);
  }

  private forget(name: string): void {
    this.rooms.delete(name);
    if (this.view?.kind !== "room" || this.view.name !== name) return;
    const next = this.rooms.keys().next();
    this.view = next.done === true ? undefined : { kind: "room", name: next.value };
    this.read();
  }

  private person_joined(room: Room, person: Person): void {
    const known = room.people.has(person.member);
    room.people.set(person.member, person);
    if (known || person.member === this.member) return;
    room.note("came", person.name);
    this.events.came_or_went(room, person.name, true);
  }

  private person_changed(room: Room, person: Person, old_name: string | undefined): void {
    const before = room.people.get(person.member);
    room.people.set(person.member, person);
    const conversation = this.directs.get(person.member);
    if (conversation !== undefined) conversation.name = person.name;
    if (person.member === this.member && old_name !== undefined) {
      this.name = person.name;
      this.line().rename(person.name);
    }
    if (old_name !== undefined) room.note("renamed", old_name, person.name);
    if (!person.in_call) room.speaking.delete(person.member);
    if (before === undefined || before.in_call === person.in_call) return;
    // What one does oneself is seen in the call bar.
    if (person.member === this.member) return;
    room.note(person.in_call ? "call_joined" : "call_left", person.name);
    this.events.came_or_went(room, person.name, person.in_call);
  }

  private message(room: Room, message: ChatMessage): void {
    if (message.member === this.member) room.echo(message.text);
    if (!room.receive(message)) return;
    this.count(room, [message]);
    // What is being read must not be taken away, unless it has grown out of all measure.
    if (room !== this.room || this.at_end || room.messages.length > MOST_WHILE_READING) room.trim();
  }

  private count(room: Room, messages: readonly ChatMessage[]): void {
    const others = messages.filter(({ member, name }) => member !== this.member && name !== this.name);
    const seen = room === this.room && this.focused && this.at_end;
    const mentioned = others.filter(({ text }) => mentions(text, this.name));
    if (!seen) room.count_unread(others, mentioned.length);
    else room.mark_read();
    for (const message of others) {
      this.events.message({ room, message, mentioned: mentioned.includes(message), seen });
    }
  }

  private direct(message: ServerDirect): void {
    const mine = message.from === this.member;
    const conversation = mine
      ? this.conversation_with(message.to, message.to_name)
      : this.conversation_with(message.from, message.from_name);
    if (conversation.lines.some(({ id }) => id === message.id)) return;
    const line: DirectLine = {
      id: message.id,
      time: message.time,
      member: message.from,
      name: message.from_name,
      text: message.text,
    };
    conversation.lines = [...conversation.lines, line].slice(-MOST_DIRECT_LINES);
    if (mine) {
      const echo = conversation.outgoing.find(({ text }) => text === message.text);
      conversation.outgoing = conversation.outgoing.filter((other) => other !== echo);
      return;
    }
    const seen = conversation === this.conversation && this.focused;
    if (!seen) conversation.unread += 1;
    this.events.direct(conversation, line, seen);
  }

  private conversation_with(member: number, name: string): Conversation {
    const known = this.directs.get(member);
    if (known !== undefined) return known;
    const conversation = new Conversation(member, name);
    this.directs.set(member, conversation);
    return conversation;
  }

  private room_of(name: string): Room {
    const known = this.rooms.get(name);
    if (known !== undefined) return known;
    const room = new Room(name, this.clock);
    this.restore_outbox(room);
    this.rooms.set(name, room);
    return room;
  }

  private async deliver(room: Room, outgoing: Outgoing): Promise<void> {
    if (this.resends.has(outgoing.client_message_id)) return;
    this.resends.add(outgoing.client_message_id);
    try {
      const { id, time } = await this.line().ask({
        type: "say",
        room: room.name,
        text: outgoing.text,
        client_message_id: outgoing.client_message_id,
      });
      room.confirm(outgoing, { id, time, member: this.member, name: this.name, text: outgoing.text });
    } catch (error) {
      // A lost connection is no failure: it is said again, under the same id, when the room is back.
      if (!(error instanceof ConnectionLost)) {
        outgoing.state = "failed";
        outgoing.echoed = false;
        outgoing.why = error instanceof Error ? error.message : "";
      }
    } finally {
      this.resends.delete(outgoing.client_message_id);
      this.save_outbox();
    }
  }

  private async send_waiting(room: Room): Promise<void> {
    for (const outgoing of room.outgoing) {
      if (outgoing.state === "sending") await this.deliver(room, outgoing);
    }
  }

  private async deliver_directly(conversation: Conversation, outgoing: Outgoing): Promise<void> {
    try {
      await this.line().ask({
        type: "direct",
        to: conversation.member,
        text: outgoing.text,
        client_message_id: outgoing.client_message_id,
      });
    } catch (error) {
      outgoing.state = "failed";
      outgoing.why = error instanceof Error ? error.message : "";
    }
  }

  private save_outbox(): void {
    const kept = [...this.rooms.values()].flatMap((room) =>
      room.outgoing.map(({ client_message_id, text, time }) => ({ room: room.name, client_message_id, text, time })),
    );
    if (kept.length === 0) this.storage.remove(OUTBOX);
    else this.storage.set(OUTBOX, JSON.stringify(kept));
  }

  /** What a closed page had not got rid of is shown as failed, to be sent again or thrown away. */
  private restore_outbox(room: Room): void {
    const kept = readJson(this.storage, OUTBOX);
    if (!Array.isArray(kept)) return;
    for (const entry of kept as unknown[]) {
      if (!isRecord(entry) || entry["room"] !== room.name) continue;
      const { client_message_id, text, time } = entry;
      if (typeof client_message_id !== "string" || typeof text !== "string" || typeof time !== "number") continue;
      const outgoing = new Outgoing(client_message_id, text, time);
      outgoing.state = "failed";
      room.send(outgoing);
    }
  }
}
