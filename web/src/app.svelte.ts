// The client as a whole: ties the connection, the house, the call and the browser's media together.
import { createContext } from "svelte";
import { SvelteSet } from "svelte/reactivity";
import { t } from "./i18n/t";
import { Devices } from "./rtc/devices.svelte";
import { hold_call } from "./rtc/phone";
import { MediaEngine } from "./rtc/engine";
import { MessageAnnouncer } from "./state/announcements";
import { Call, type CallNotice, type MicrophoneTrouble, type Phase } from "./state/call.svelte";
import { browserClock } from "./state/clock";
import { room_name } from "./state/commands";
import { Connection, Refused } from "./state/connection.svelte";
import { House, type Arrival, type Conversation, type DirectLine } from "./state/house.svelte";
import { Preferences, type JoinAs } from "./state/preferences.svelte";
import { UNKNOWN_QUALITY, judge, type LinkSample, type Quality } from "./state/quality";
import type { Room } from "./state/room.svelte";
import { WebStorage } from "./state/storage";
import { open_socket } from "./socket";
import { Announcer } from "./ui/announcer.svelte";
import { follow } from "./ui/parts/follow";
import { operator_key, path_of, room_in_path } from "./ui/address";

export type DialogName = "settings" | "new_room" | "shortcuts" | "switcher";
export type SettingsTab = "profile" | "voice" | "notifications" | "keyboard" | "accessibility" | "about";
export interface Toast {
  readonly key: number;
  readonly text: string;
  readonly action?: { readonly label: string; readonly run: () => void };
}

const TOAST_MS = 8000;
const STATS_EVERY_MS = 2000;
const FEW_PEOPLE = 8;
const SPOKE_MUTED_MS = 1500;
const HINT_EVERY_MS = 60_000;
const SESSION = "session";
const OPERATOR = "operator";

export const [get_app, set_app] = createContext<App>();

export class App {
  readonly preferences = new Preferences(new WebStorage(() => localStorage));
  readonly visit = new WebStorage(() => sessionStorage);
  readonly engine = new MediaEngine(this.preferences);
  readonly devices = new Devices();
  readonly announcer = new Announcer();
  readonly connection: Connection;
  readonly house: House;
  readonly call: Call;

  screen = $state<"join" | "room">("join");
  dialog = $state<DialogName>();
  settings_tab = $state<SettingsTab>("profile");
  /** Phones show one pane; wider windows take "people" as: the list is open. */
  pane = $state<"chat" | "rooms" | "people">("chat");
  people_open = $state(true);
  toasts = $state.raw<readonly Toast[]>([]);
  quality = $state.raw<Quality>(UNKNOWN_QUALITY);
  sound_blocked = $state(false);
  microphone_open = $state(false);
  /** Members whose voice is heard right now, by what arrives here. */
  readonly heard = new SvelteSet<number>();
  i_speak = $state(false);
  readonly muted_for_me = new SvelteSet<string>();
  /** The room that the join screen leads to. */
  wanted_room = $state("#lobby");

  private cancel_hint: (() => void) | undefined;
  private hinted_at = -Infinity;
  private next_toast = 1;
  private sample: LinkSample | undefined;
  private readonly message_announcer: MessageAnnouncer;

  constructor() {
    this.connection = new Connection(
      open_socket,
      browserClock,
      Math.random,
      {
        welcomed: (welcome) => {
          const back = this.screen === "room";
          this.call.welcomed(welcome);
          this.house.welcomed(welcome);
          void this.prove_operator();
          if (back) this.announcer.announce(t("state.back"), "assertive");
        },
        received: (message) => {
          this.house.receive(message);
          this.call.receive(message);
        },
        lost: () => {
          this.house.lost();
          this.call.connection_lost();
          if (this.connection.ended !== "quit") this.announcer.announce(t("state.reconnecting"), "assertive");
        },
        slept: () => {
          this.call.slept();
        },
      },
      `Earshot web ${__VERSION__}`,
    );
    this.connection.session = this.take_session();
    this.house = new House(() => this.connection, browserClock, random_id, this.visit, {
      message: (arrival) => {
        this.message_arrived(arrival);
      },
      direct: (conversation, line, seen) => {
        this.direct_arrived(conversation, line, seen);
      },
      came_or_went: (room, _name, came) => {
        if (room.name === this.call.room && room.people.size <= FEW_PEOPLE) this.chime(came ? "came" : "went");
      },
      removed: (room, by) => {
        this.pane = "chat";
        this.announcer.announce(t(by === "" ? "removed.said" : "removed.said_by", { room, name: by }), "assertive");
      },
    });
    this.call = new Call(
      {
        ask: (message) => this.connection.ask(message),
        tell: (message) => {
          this.connection.tell(message);
        },
      },
      this.engine,
      browserClock,
      () => this.preferences.mode,
      () => this.preferences.release_ms,
      {
        notice: (notice, text) => {
          this.call_notice(notice, text);
        },
        trouble: (trouble) => {
          this.microphone_trouble(trouble);
        },
        phase: (phase) => {
          this.call_phase(phase);
        },
      },
    );
    this.house.call = this.call;
    this.message_announcer = new MessageAnnouncer(
      browserClock,
      (text) => {
        this.announcer.announce(text);
      },
      (count) => t("announce.many", { count }),
    );
    this.engine.events = {
      link: (link) => {
        this.call.link_changed(link);
      },
      blocked: (blocked) => {
        this.sound_blocked = blocked;
      },
      microphone_gone: () => {
        this.microphone_open = false;
        this.toast(t("mic.gone"), { label: t("mic.rescan"), run: () => void this.reopen_microphone() });
      },
    };
    this.engine.levels.on_speaking = (key, speaking) => {
      if (key === "me") this.speaks(speaking);
      else if (speaking) this.heard.add(key);
      else this.heard.delete(key);
    };
    this.take_operator_key();
    this.wanted_room = room_in_path(location.pathname) ?? "#lobby";
    this.watch_network();
    $effect.root(() => {
      this.keep_volumes();
      this.keep_stats();
      this.keep_page();
      this.keep_phone();
    });
  }

  // --- joining ---

  /** From the join screen into the room. Throws Refused when the name cannot be had. */
  async enter(name: string, as: JoinAs): Promise<boolean> {
    this.preferences.set("name", name);
    const microphone = as === "call" ? this.check_microphone() : Promise.resolve(true);
    // A microphone that was only checked must not stay open for somebody who came to read.
    if (as !== "call") this.close_microphone();
    if (as !== "chat") void this.engine.wake();
    await this.connect(name);
    if (!(await microphone)) return false;
    await this.house.open(this.wanted_room);
    this.screen = "room";
    if (as !== "chat") void this.join_call(as === "listen");
    return true;
  }

  private async connect(name: string): Promise<void> {
    if (this.connection.status !== "ready") await this.connection.start(name);
    // A session that goes on has its old name; the one that was typed is the one that is meant.
    if (this.house.name !== name) {
      await this.house.rename(name);
      this.house.name = name;
    }
  }

  async check_microphone(): Promise<boolean> {
    try {
      await this.engine.open_microphone();
      this.microphone_open = true;
      this.call.trouble = undefined;
      await this.devices.look();
      return true;
    } catch (error) {
      this.microphone_open = false;
      this.microphone_trouble(
        error instanceof Error && "trouble" in error ? (error.trouble as MicrophoneTrouble) : "failed",
      );
      return false;
    }
  }

  close_microphone(): void {
    this.engine.close_microphone();
    this.microphone_open = false;
  }

  async reopen_microphone(): Promise<void> {
    if (this.microphone_open || this.call.live) {
      await this.engine.microphone_changed().catch(() => undefined);
      if (!this.engine.microphone.is_open) await this.check_microphone();
    }
    this.microphone_open = this.engine.microphone.is_open;
  }

  async join_call(listen_only: boolean): Promise<void> {
    const room = this.house.room ?? this.house.rooms.get(this.call.room ?? "");
    if (room === undefined) return;
    void this.engine.wake();
    await this.call.join(room.name, listen_only);
    this.microphone_open = this.engine.microphone.is_open;
    if (this.microphone_open) void this.devices.look();
  }

  async leave_call(): Promise<void> {
    await this.call.leave();
    this.microphone_open = false;
  }

  async open_room(name: string): Promise<boolean> {
    this.pane = "chat";
    try {
      await this.house.open(name);
      return true;
    } catch (error) {
      if (error instanceof Refused) this.toast(error.message);
      else this.toast(t("state.not_now"));
      return false;
    }
  }

  quit(): void {
    void this.leave_call();
    this.connection.quit();
    this.visit.remove(SESSION);
    location.assign("/");
  }

  // --- telling ---

  toast(text: string, action?: Toast["action"]): void {
    const toast: Toast = { key: this.next_toast++, text, ...(action === undefined ? {} : { action }) };
    this.toasts = [...this.toasts, toast].slice(-3);
    this.announcer.announce(text);
    browserClock.after(TOAST_MS, () => {
      this.dismiss(toast);
    });
  }

  dismiss(toast: Toast): void {
    this.toasts = this.toasts.filter(({ key }) => key !== toast.key);
  }

  open_settings(tab: SettingsTab): void {
    this.settings_tab = tab;
    this.dialog = "settings";
  }

  // --- voice ---

  toggle_mute(): void {
    if (!this.call.live) return;
    this.call.set_muted(!this.call.muted);
    this.chime(this.call.muted ? "muted" : "unmuted");
  }

  toggle_deafen(): void {
    if (!this.call.live) return;
    this.call.set_deafened(!this.call.deafened);
  }

  volume_of(name: string): number {
    return this.muted_for_me.has(name.toLowerCase()) ? 0 : this.preferences.volume_of(name);
  }

  toggle_muted_for_me(name: string): void {
    const key = name.toLowerCase();
    if (!this.muted_for_me.delete(key)) this.muted_for_me.add(key);
  }

  speaking(member: number, room: Room): boolean {
    return member === this.house.member
      ? this.i_speak && this.call.sending
      : this.heard.has(member) || room.speaking.has(member);
  }

  /** A voice at a closed microphone: a hint, seldom enough not to nag. */
  private speaks(speaking: boolean): void {
    this.i_speak = speaking;
    this.cancel_hint?.();
    if (!speaking || !this.call.live || !this.call.muted || this.call.listen_only || this.call.deafened) return;
    this.cancel_hint = browserClock.after(SPOKE_MUTED_MS, () => {
      if (!this.call.muted || browserClock.now() - this.hinted_at < HINT_EVERY_MS) return;
      this.hinted_at = browserClock.now();
      this.toast(t("call.speaking_muted"), { label: t("call.unmute"), run: () => this.call.set_muted(false) });
    });
  }

  private chime(what: "came" | "went" | "muted" | "unmuted" | "in"): void {
    if (!this.preferences.sounds || this.call.deafened) return;
    const notes = { came: [523, 659], went: [659, 523], muted: [440], unmuted: [587], in: [523, 659, 784] }[what];
    this.engine.chime(notes, 0.04, 0.09);
  }

  private call_notice(notice: CallNotice, text: string): void {
    const again = { label: t("state.retry"), run: () => void this.join_call(false) };
    if (notice === "muted_by") {
      this.toast(t("call.muted_by", { name: text }), {
        label: t("call.unmute"),
        run: () => {
          this.call.set_muted(false);
        },
      });
      this.announcer.announce(t("call.muted_by", { name: text }), "assertive");
      return;
    }
    if (notice === "away_muted") this.announcer.announce(t("call.away_muted"), "assertive");
    if (notice === "away_muted")
      this.toast(t("call.away_muted"), { label: t("call.unmute"), run: () => this.call.set_muted(false) });
    else if (notice === "replaced") this.toast(t("call.replaced"), { ...again, label: t("state.use_here") });
    else if (notice === "call_full") this.toast(text === "" ? t("call.full") : text);
    else this.toast(t("call.failed"), again);
  }

  private microphone_trouble(trouble: MicrophoneTrouble): void {
    this.call.trouble = trouble;
    this.announcer.announce(t(`mic.${trouble}.title`), "assertive");
  }

  private call_phase(phase: Phase): void {
    if (phase === "in") {
      this.announcer.announce(
        this.call.listen_only || this.call.muted ? t("call.announce_in_silent") : t("call.announce_in"),
        this.call.muted && !this.call.listen_only ? "assertive" : "polite",
      );
      this.chime("in");
    } else if (phase === "out") {
      this.microphone_open = false;
    } else if (phase === "reconnecting") {
      this.announcer.announce(t("call.reconnecting"), "assertive");
    }
  }

  // --- what keeps going ---

  private keep_volumes(): void {
    $effect(() => {
      const room = this.house.rooms.get(this.call.room ?? "");
      if (room === undefined || !this.call.live) return;
      this.engine.assign(
        [...room.slots].map(([slot, member]) => {
          const name = room.people.get(member)?.name ?? "";
          return { slot, member, volume: this.volume_of(name) };
        }),
      );
    });
    $effect(() => {
      follow(this.preferences.speaker);
      void this.engine.apply_sink();
    });
  }

  private keep_stats(): void {
    $effect(() => {
      if (!this.call.live) {
        this.quality = UNKNOWN_QUALITY;
        this.sample = undefined;
        return;
      }
      const timer = setInterval(() => void this.look_at_link(), STATS_EVERY_MS);
      return () => {
        clearInterval(timer);
      };
    });
  }

  private async look_at_link(): Promise<void> {
    const sample = await this.engine.sample();
    if (sample === undefined) return;
    this.quality = judge(this.sample, sample);
    this.sample = sample;
  }

  private keep_page(): void {
    $effect(() => {
      const { house } = this;
      const place =
        this.screen === "join" ? this.wanted_room : (house.room?.name ?? house.conversation?.name ?? "earshot");
      document.title = `${house.unread > 0 ? `(${house.unread}) ` : ""}${place} · earshot`;
    });
    $effect(() => {
      document.documentElement.dataset["theme"] = this.preferences.theme;
      document.documentElement.dataset["motion"] = this.preferences.reduced_motion ? "reduced" : "full";
    });
    $effect(() => {
      const room = this.house.room;
      if (this.screen !== "room" || room === undefined) return;
      const path = path_of(room.name);
      if (location.pathname !== path) history.pushState(null, "", path);
    });
  }

  /** On a phone the call's buttons belong on the lock screen, and the screen should stay awake. */
  private keep_phone(): void {
    $effect(() => {
      if (!this.call.live) return;
      return hold_call({
        room: this.call.room ?? "",
        toggle_mute: () => {
          this.toggle_mute();
        },
        leave: () => void this.leave_call(),
      });
    });
    $effect(() => {
      const { unread } = this.house;
      if ("setAppBadge" in navigator) void navigator.setAppBadge(unread).catch(() => undefined);
    });
  }

  private watch_network(): void {
    const again = (): void => {
      this.connection.retry_now();
    };
    const hush = (): void => {
      this.call.close_talk();
    };
    window.addEventListener("online", again);
    window.addEventListener("pageshow", again);
    window.addEventListener("focus", () => {
      this.house.set_focused(true);
    });
    window.addEventListener("blur", () => {
      hush();
      this.house.set_focused(false);
    });
    document.addEventListener("visibilitychange", () => {
      hush();
      if (!document.hidden) again();
    });
    window.addEventListener("pagehide", () => {
      hush();
      this.keep_session();
    });
    window.addEventListener("popstate", () => {
      const room = room_in_path(location.pathname);
      if (room === undefined) return;
      if (this.screen === "room") void this.open_room(room);
      else this.wanted_room = room;
    });
    this.house.focused = document.hasFocus();
  }

  /** The operator's link carries the key behind the #, where no server and no log sees it; nor should the address bar. */
  private take_operator_key(): void {
    const key = operator_key(location.hash);
    if (key === undefined) return;
    this.visit.set(OPERATOR, key);
    history.replaceState(null, "", location.pathname + location.search);
  }
  private async prove_operator(): Promise<void> {
    const key = this.visit.get(OPERATOR);
    if (key === undefined) return;
    try {
      await this.connection.ask({ type: "operate", key });
    } catch (error) {
      if (!(error instanceof Refused)) return;
      if (error.code === "not_allowed") this.visit.remove(OPERATOR);
      this.toast(error.message);
    }
  }

  /** Kept only while no page holds it: a duplicated tab must not take over from the first. */
  private take_session(): string | undefined {
    const session = this.visit.get(SESSION);
    this.visit.remove(SESSION);
    return session;
  }
  private keep_session(): void {
    if (this.connection.session !== undefined && this.connection.ended !== "replaced")
      this.visit.set(SESSION, this.connection.session);
  }

  private message_arrived({ room, message, mentioned, seen }: Arrival): void {
    const level = this.preferences.announce;
    const said = room === this.house.room && this.house.focused;
    if (said && (level === "messages" || (level === "mentions" && mentioned)))
      this.message_announcer.add(t("announce.message", { name: message.name, text: message.text.slice(0, 200) }));
    if (mentioned && !seen)
      this.notify(t("notify.mention", { name: message.name, room: room.name }), message.text, room);
  }

  private direct_arrived(conversation: Conversation, line: DirectLine, seen: boolean): void {
    this.message_announcer.add(t("announce.direct", { name: line.name, text: line.text.slice(0, 200) }));
    if (!seen) this.notify(t("notify.direct", { name: conversation.name }), line.text, undefined);
  }

  private notify(title: string, body: string, room: Room | undefined): void {
    if (!this.preferences.notify || this.house.focused || !("Notification" in window)) return;
    if (Notification.permission !== "granted") return;
    try {
      const notification = new Notification(title, { body: body.slice(0, 300), tag: room?.name ?? title });
      notification.addEventListener("click", () => {
        window.focus();
        if (room !== undefined) this.house.look_at({ kind: "room", name: room.name });
        notification.close();
      });
    } catch {
      // Phones allow notifications from service workers only.
    }
  }
}

/** 128 random bits as 32 hexadecimal digits. */
function random_id(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function same_room(typed: string, name: string): boolean {
  return room_name(typed).toLowerCase() === name.toLowerCase();
}
