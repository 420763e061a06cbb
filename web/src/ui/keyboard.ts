// Keys of the page. Single letters work only where nobody types, and one switch turns them off.
import type { App } from "../app.svelte";
import { listed_rooms } from "./room/listed";

const FIELDS =
  "input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true]";
const PRESSABLE = `${FIELDS}, input, button, a[href], summary, [role=tab], [role=option]`;

export function listen_to_keys(app: App): () => void {
  const down = (event: KeyboardEvent): void => {
    if (app.screen !== "room" || event.isComposing || event.defaultPrevented) return;
    if (handle(app, event)) event.preventDefault();
  };
  const up = (event: KeyboardEvent): void => {
    if (event.code === "Space" && app.call.talking) app.call.release_talk();
  };
  window.addEventListener("keydown", down);
  window.addEventListener("keyup", up);
  return () => {
    window.removeEventListener("keydown", down);
    window.removeEventListener("keyup", up);
  };
}

/** True when the key was ours. */
function handle(app: App, event: KeyboardEvent): boolean {
  const control = event.ctrlKey || event.metaKey;
  // Dialogs have their own keys; the one that silences works from anywhere.
  if (control && event.shiftKey) return with_control_shift(app, event);
  if (app.dialog !== undefined) return false;
  if (control) return with_control(app, event);
  if (event.key === "F6") return next_landmark(event.shiftKey ? -1 : 1);
  if (event.altKey) return with_alt(app, event);
  if (event.key === "Escape") return escape(app, event);
  if (event.code === "Space") return talk(app, event);
  return single(app, event);
}

function with_control_shift(app: App, event: KeyboardEvent): boolean {
  switch (event.code) {
    case "KeyM":
      app.toggle_mute();
      return true;
    case "KeyD":
      app.toggle_deafen();
      return true;
    case "KeyL":
      if (app.call.live) void app.leave_call();
      return true;
    default:
      return false;
  }
}

function with_control(app: App, event: KeyboardEvent): boolean {
  if (event.key.toLowerCase() === "k") app.dialog = "switcher";
  else if (event.key === "/") app.dialog = "shortcuts";
  else if (event.key === "Enter" && !app.call.live) void app.join_call(false);
  else return false;
  return true;
}

function with_alt(app: App, event: KeyboardEvent): boolean {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return false;
  const step = event.key === "ArrowUp" ? -1 : 1;
  const joined = listed_rooms(app.house).filter(({ room }) => room !== undefined);
  const here = joined.findIndex(({ room }) => room === app.house.room);
  for (let away = 1; away <= joined.length; ++away) {
    const next = joined[(here + step * away + joined.length * 2) % joined.length];
    if (next === undefined || (event.shiftKey && (next.room?.unread ?? 0) === 0)) continue;
    void app.open_room(next.name);
    return true;
  }
  return true;
}

function escape(app: App, event: KeyboardEvent): boolean {
  if (event.shiftKey) app.house.read_all();
  else if (app.pane !== "chat") app.pane = "chat";
  else app.house.room?.mark_read();
  return true;
}

function talk(app: App, event: KeyboardEvent): boolean {
  if (app.preferences.mode !== "ptt" || !app.call.live || is_on(event, PRESSABLE)) return false;
  if (!event.repeat) app.call.press_talk();
  return true;
}

function single(app: App, event: KeyboardEvent): boolean {
  if (!app.preferences.single_keys || event.repeat || is_on(event, FIELDS)) return false;
  switch (event.key) {
    case "m":
      if (!app.call.live) return false;
      app.toggle_mute();
      return true;
    case "d":
      if (!app.call.live) return false;
      app.toggle_deafen();
      return true;
    case "c":
      app.pane = "chat";
      document.querySelector<HTMLElement>(".composer textarea")?.focus();
      return true;
    case "p":
      app.people_open = !app.people_open;
      return true;
    case "?":
      app.dialog = "shortcuts";
      return true;
    default:
      return false;
  }
}

function is_on(event: KeyboardEvent, selector: string): boolean {
  return event.target instanceof Element && event.target.closest(selector) !== null;
}

function next_landmark(step: number): boolean {
  const landmarks = [...document.querySelectorAll<HTMLElement>("[data-landmark]")].filter(
    (element) => element.offsetParent !== null || element.getClientRects().length > 0,
  );
  const active = document.activeElement;
  const here = landmarks.findIndex((landmark) => landmark.contains(active));
  const from = here < 0 ? (step > 0 ? -1 : 0) : here;
  landmarks[(from + step + landmarks.length) % landmarks.length]?.focus();
  return true;
}
