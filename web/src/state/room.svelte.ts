// What is known of one room: who is there, what was said, what is unread, what is still on its way.
import { SvelteMap, SvelteSet } from "svelte/reactivity";
import type { ChatMessage, Person, Slot } from "../protocol/messages";
import type { Clock } from "./clock";

/** A message of one's own that the house has not confirmed yet. */
export class Outgoing {
  state = $state<"sending" | "failed">("sending");
  /** Why it failed, in the server's words. */
  why = $state("");
  /** Shown already as a message from the house: the confirmation is only late. */
  echoed = $state(false);
  constructor(
    readonly client_message_id: string,
    readonly text: string,
    readonly time: number,
  ) {}
}

export type NoteKind =
  "came" | "went" | "lost" | "renamed" | "topic" | "call_joined" | "call_left" | "removed" | "keeper" | "info";
/** Something that happened and is worth a line, but is no message. */
export interface Note {
  readonly key: number;
  readonly kind: NoteKind;
  readonly names: readonly string[];
  readonly text: string;
  readonly time: number;
  /** It stands after the message with this id. */
  readonly after: number;
}

const MOST_MESSAGES = 1000;
const FEWEST_MESSAGES = 300;
const MOST_NOTES = 100;
export const TYPING_FORGOTTEN_MS = 6000;

export class Room {
  topic = $state("");
  /** Who may remove and mute here beside the operator of the house. */
  keeper = $state<number>();
  messages = $state.raw<readonly ChatMessage[]>([]);
  outgoing = $state.raw<readonly Outgoing[]>([]);
  notes = $state.raw<readonly Note[]>([]);
  readonly people = new SvelteMap<number, Person>();
  readonly typing = new SvelteSet<number>();
  readonly speaking = new SvelteSet<number>();
  /** Slot number to member: who is on which of one's own audio slots. */
  readonly slots = new SvelteMap<number, number>();
  unread = $state(0);
  mentions = $state(0);
  /** The last message that was read when one looked away; the "New" line stands after it. */
  new_after = $state<number>();
  /** The beginning of the room's history is loaded. */
  complete = $state(false);
  history = $state<"unknown" | "loading" | "ready" | "failed">("unknown");
  paging = $state(false);
  draft = $state("");
  joined = $state(false);

  /** Everything up to here came in order; the next question after a loss starts here. */
  cursor = 0;
  /** While the gap after a loss is being filled, live messages must not move the cursor past it. */
  private catching_up = true;
  private read_up_to = 0;
  private next_note = 1;
  private readonly typing_ends = new Map<number, () => void>();

  constructor(
    readonly name: string,
    private readonly clock: Clock,
  ) {}

  /** The first page is all of it when it is complete; else there is more above. */
  first_page(messages: readonly ChatMessage[], complete: boolean): void {
    this.insert(messages);
    this.complete = complete;
    this.history = "ready";
    this.caught_up();
    if (this.unread === 0) this.read_up_to = this.last_id();
  }

  older_page(messages: readonly ChatMessage[], complete: boolean): void {
    this.insert(messages);
    this.complete = complete;
  }

  /** A page of what was missed. The cursor moves with it, so that another loss in between loses nothing. */
  newer_page(messages: readonly ChatMessage[], complete: boolean): readonly ChatMessage[] {
    const fresh = this.insert(messages);
    this.cursor = Math.max(this.cursor, messages.at(-1)?.id ?? 0);
    if (complete) this.caught_up();
    this.history = "ready";
    return fresh;
  }

  lost_touch(): void {
    this.catching_up = true;
    this.joined = false;
    this.forget_typing();
    this.speaking.clear();
  }

  /** The house has forgotten what we know (a new database): start over. */
  start_over(): void {
    this.messages = [];
    this.notes = [];
    this.cursor = 0;
    this.read_up_to = 0;
    this.new_after = undefined;
    this.unread = 0;
    this.mentions = 0;
    this.complete = false;
    this.history = "unknown";
  }

  /** False when it was here already. */
  receive(message: ChatMessage): boolean {
    if (!this.catching_up) this.cursor = Math.max(this.cursor, message.id);
    this.stop_typing(message.member);
    return this.insert([message]).length === 1;
  }

  count_unread(messages: readonly ChatMessage[], mentioned: number): void {
    const fresh = messages.filter(({ id }) => id > this.read_up_to).length;
    if (fresh === 0) return;
    if (this.unread === 0) this.new_after = this.read_up_to;
    this.unread += fresh;
    this.mentions += mentioned;
  }

  /** The "New" line stays until one looks away again. */
  mark_read(): void {
    this.read_up_to = this.last_id();
    this.unread = 0;
    this.mentions = 0;
  }

  looked_away(): void {
    if (this.unread === 0) this.new_after = undefined;
  }

  last_id(): number {
    return this.messages.at(-1)?.id ?? 0;
  }

  set_people(people: readonly Person[]): void {
    const here = new Set(people.map(({ member }) => member));
    for (const member of [...this.people.keys()]) if (!here.has(member)) this.people.delete(member);
    for (const person of people) this.people.set(person.member, person);
  }

  set_slots(slots: readonly Slot[]): void {
    for (const { slot, member } of slots) {
      if (member === undefined) this.slots.delete(slot);
      else this.slots.set(slot, member);
    }
  }

  person_gone(member: number): void {
    this.people.delete(member);
    this.speaking.delete(member);
    this.stop_typing(member);
  }

  heard_typing(member: number): void {
    this.typing_ends.get(member)?.();
    this.typing.add(member);
    this.typing_ends.set(
      member,
      this.clock.after(TYPING_FORGOTTEN_MS, () => {
        this.stop_typing(member);
      }),
    );
  }

  /** Neighbours of one kind become one line: "Ana, Bo and Cy came in". */
  note(kind: NoteKind, name: string, text = ""): void {
    const after = this.last_id();
    const last = this.notes.at(-1);
    const joins = !["topic", "renamed", "removed", "keeper", "info"].includes(kind);
    if (joins && last?.kind === kind && last.after === after && this.clock.now() - last.time < 60_000) {
      const names = last.names.includes(name) ? last.names : [...last.names, name];
      this.notes = [...this.notes.slice(0, -1), { ...last, names }];
      return;
    }
    const note = { key: this.next_note++, kind, names: [name], text, time: this.clock.now(), after };
    this.notes = [...this.notes, note].slice(-MOST_NOTES);
  }

  send(outgoing: Outgoing): void {
    this.outgoing = [...this.outgoing, outgoing];
  }

  discard(outgoing: Outgoing): void {
    this.outgoing = this.outgoing.filter((other) => other !== outgoing);
  }

  confirm(outgoing: Outgoing, message: ChatMessage): void {
    this.discard(outgoing);
    this.insert([message]);
    this.read_up_to = Math.max(this.read_up_to, message.id);
  }

  /** One's own message may come back before its confirmation: then it is drawn once. */
  echo(text: string): void {
    const match = this.outgoing.find((outgoing) => !outgoing.echoed && outgoing.text === text);
    if (match !== undefined) match.echoed = true;
  }

  /** Keeps the window of messages small by dropping what is far above; returns to it come from history. */
  trim(): void {
    if (this.messages.length <= MOST_MESSAGES) return;
    this.messages = this.messages.slice(-FEWEST_MESSAGES);
    this.complete = false;
  }

  private caught_up(): void {
    this.catching_up = false;
    this.cursor = Math.max(this.cursor, this.last_id());
  }

  /** Puts messages in the order of their ids, each once; gives back those that were new. */
  private insert(messages: readonly ChatMessage[]): readonly ChatMessage[] {
    const known = new Set(this.messages.map(({ id }) => id));
    const fresh: ChatMessage[] = [];
    for (const message of messages) {
      if (known.has(message.id)) continue;
      known.add(message.id);
      fresh.push(message);
    }
    if (fresh.length === 0) return fresh;
    const first = fresh[0];
    const in_order = first !== undefined && first.id > this.last_id();
    const all = [...this.messages, ...fresh];
    this.messages = in_order && fresh.length === 1 ? all : all.sort((a, b) => a.id - b.id);
    return fresh;
  }

  private stop_typing(member: number): void {
    this.typing_ends.get(member)?.();
    this.typing_ends.delete(member);
    this.typing.delete(member);
  }

  private forget_typing(): void {
    for (const member of [...this.typing]) this.stop_typing(member);
  }
}
