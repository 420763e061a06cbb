// Messages and notes as they are drawn: days, groups by speaker and minute, the "New" line.
import type { ChatMessage } from "../protocol/messages";
import type { Note } from "./room.svelte";

export interface GroupRow {
  readonly kind: "group";
  readonly key: string;
  readonly member: number;
  readonly name: string;
  readonly time: number;
  readonly messages: readonly ChatMessage[];
}
export type Row =
  | { readonly kind: "day"; readonly key: string; readonly time: number }
  | { readonly kind: "new"; readonly key: string }
  | { readonly kind: "note"; readonly key: string; readonly note: Note }
  | GroupRow;

const SAME_BREATH_MS = 60_000;
const LONGEST_GROUP = 20;

function day_number(time: number): number {
  const date = new Date(time);
  return date.getFullYear() * 512 + date.getMonth() * 32 + date.getDate();
}

export function arrange(
  messages: readonly ChatMessage[],
  notes: readonly Note[],
  new_after: number | undefined,
  me: number,
): Row[] {
  const rows: Row[] = [];
  let group: { row: GroupRow; messages: ChatMessage[] } | undefined;
  let day = 0;
  let next_note = 0;
  let line_drawn = new_after === undefined;

  const put_notes = (up_to: number): void => {
    for (let note = notes[next_note]; note !== undefined && note.after < up_to; note = notes[++next_note]) {
      put_day(note.time, `n${note.key}`);
      rows.push({ kind: "note", key: `n${note.key}`, note });
      group = undefined;
    }
  };
  const put_day = (time: number, before: string): void => {
    const its_day = day_number(time);
    // A clock that was wrong for a while shall not turn the days back.
    if (its_day <= day) return;
    day = its_day;
    rows.push({ kind: "day", key: `d${before}`, time });
    group = undefined;
  };

  for (const message of messages) {
    put_notes(message.id);
    put_day(message.time, `m${message.id}`);
    if (!line_drawn && message.id > (new_after ?? 0) && message.member !== me) {
      rows.push({ kind: "new", key: "new" });
      line_drawn = true;
      group = undefined;
    }
    const last = group?.messages.at(-1);
    const goes_on =
      group !== undefined &&
      last !== undefined &&
      last.member === message.member &&
      last.name === message.name &&
      message.time - last.time < SAME_BREATH_MS &&
      group.messages.length < LONGEST_GROUP;
    if (goes_on) {
      group?.messages.push(message);
    } else {
      const its_messages = [message];
      const { id, member, name, time } = message;
      const row: GroupRow = { kind: "group", key: `g${id}`, member, name, time, messages: its_messages };
      group = { row, messages: its_messages };
      rows.push(row);
    }
  }
  put_notes(Infinity);
  return rows;
}
