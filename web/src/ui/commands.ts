// What a line in a composer does.
import type { App } from "../app.svelte";
import { t } from "../i18n/t";
import type { Person } from "../protocol/messages";
import { read_typed, room_name, valid_room_name, type CommandName } from "../state/commands";
import { ConnectionLost } from "../state/connection.svelte";
import type { Room } from "../state/room.svelte";

type Action = (app: App, rest: string, say: (text: string) => void) => void | Promise<void>;

const ACTIONS: Readonly<Record<CommandName, Action>> = {
  nick: (app, name) => (name === "" ? app.open_settings("profile") : app.house.rename(name)),
  topic: async (app, topic) => {
    if (app.house.room !== undefined) await app.house.set_topic(app.house.room, topic);
  },
  join: async (app, name) => {
    if (name === "") app.dialog = "switcher";
    else if (!valid_room_name(room_name(name))) app.toast(t("new_room.invalid"));
    else await app.open_room(room_name(name));
  },
  leave: async (app) => {
    if (app.house.room !== undefined) await app.house.leave(app.house.room.name);
  },
  me: (app, text, say) => {
    if (text !== "") say(`_${app.house.name} ${text}_`);
  },
  msg: (app, rest) => {
    send_direct(app, rest);
  },
  help: (app) => {
    app.dialog = "shortcuts";
  },
  mute: async (app, rest) => {
    if (rest !== "") await moderate(app, rest, (room, { member }) => app.house.mute(room, member));
    else if (!app.call.muted) app.toggle_mute();
  },
  kick: async (app, rest) => {
    await moderate(app, rest, (room, { member }, reason) => app.house.remove(room, member, reason));
  },
  unmute: (app) => {
    if (app.call.muted) app.toggle_mute();
  },
  deafen: (app) => {
    app.toggle_deafen();
  },
  call: (app) => app.join_call(false),
  hangup: (app) => app.leave_call(),
  quit: (app) => {
    app.quit();
  },
};

/** False when the line should stay in the composer. */
export function act_on(app: App, text: string, say: (text: string) => void): boolean {
  const typed = read_typed(text);
  switch (typed.kind) {
    case "nothing":
      return false;
    case "say":
      say(typed.text);
      return true;
    case "voice":
      void (app.call.live ? app.leave_call() : app.join_call(false));
      return true;
    case "unknown":
      app.toast(t("command.unknown", { name: typed.name }));
      return false;
    case "command":
      void run(app, () => ACTIONS[typed.name](app, typed.rest, say));
      return true;
  }
}

async function run(app: App, action: () => void | Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    app.toast(error instanceof Error && !(error instanceof ConnectionLost) ? error.message : t("state.not_now"));
  }
}

/** "Ada Lovelace hello": the longest name that is here wins; what stands behind it. */
function person_first(people: readonly Person[], rest: string): { person: Person; text: string } | undefined {
  const person = people
    .filter(({ name }) => `${rest} `.toLowerCase().startsWith(`${name.toLowerCase()} `))
    .sort((a, b) => b.name.length - a.name.length)[0];
  return person === undefined ? undefined : { person, text: rest.slice(person.name.length).trim() };
}

async function moderate(
  app: App,
  rest: string,
  action: (room: Room, person: Person, reason: string) => Promise<void>,
): Promise<void> {
  const room = app.house.room;
  if (room === undefined) return;
  const found = person_first([...room.people.values()], rest);
  if (found === undefined) app.toast(t("command.nobody_here"));
  else await action(room, found.person, found.text);
}

function send_direct(app: App, rest: string): void {
  const found = person_first(
    [...app.house.rooms.values()].flatMap((room) => [...room.people.values()]),
    rest,
  );
  if (found === undefined) {
    app.toast(t("command.nobody"));
    return;
  }
  app.house.talk_with(found.person);
  if (found.text !== "" && app.house.conversation !== undefined)
    app.house.say_directly(app.house.conversation, found.text);
}
