// The call as one takes part in it: joining, muting, talking, and getting the voice back after a loss.
import type { CallEndReason, ServerMessage, ServerWelcome } from "../protocol/messages";
import type { Clock } from "./clock";
import { ConnectionLost, Refused, type AnswerTo, type Asking, type Telling } from "./connection.svelte";
import type { VoiceMode } from "./preferences.svelte";

/** none: there is no microphone. busy: another program has it. insecure: the page came over plain http. */
export type MicrophoneTrouble = "denied" | "none" | "busy" | "insecure" | "failed";
export class MicrophoneError extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(trouble);
  }
}

export type Link = "connecting" | "connected" | "disconnected" | "failed";

/** What the call asks of the browser; `rtc/engine.ts` is the real one. */
export interface CallMedia {
  /** Whether the browser would open the microphone without asking anybody. */
  microphone_allowed(): Promise<boolean>;
  /** Opens the microphone when it is not open. Rejects with MicrophoneError. */
  open_microphone(): Promise<void>;
  close_microphone(): void;
  /** Takes the server's offer, on a new connection when `fresh`, and gives the answer. */
  answer(offer: string, fresh: boolean): Promise<string>;
  /** The one gate: whether anything leaves the microphone. */
  transmit(on: boolean): void;
  hear(on: boolean): void;
  hang_up(): void;
}

export interface Line {
  ask<T extends Asking>(message: T): Promise<AnswerTo<T["type"]>>;
  tell(message: Telling): void;
}

export type Phase = "out" | "joining" | "connecting" | "in" | "reconnecting";
export type CallNotice = "muted_by" | "replaced" | "failed" | "call_full" | "away_muted" | "refused";
export type Sound = "joined" | "left" | "muted" | "unmuted";

export interface CallEvents {
  notice(notice: CallNotice, text: string): void;
  trouble(trouble: MicrophoneTrouble): void;
  phase(phase: Phase): void;
}

const RESTART_AFTER_MS = 500;
const RESTART_WITHIN_MS = 3500;
const REJOIN_STEPS_MS = [0, 1000, 2000, 4000, 8000, 15_000] as const;
const GIVE_UP_AFTER = 12;

export class Call {
  phase = $state<Phase>("out");
  room = $state<string>();
  listen_only = $state(false);
  muted = $state(false);
  deafened = $state(false);
  /** The talk key is held (or was let go less than the release time ago). */
  talking = $state(false);
  trouble = $state<MicrophoneTrouble>();
  readonly live = $derived(this.phase !== "out");

  /** Whether a voice would leave the microphone now (the threshold of the voice mode aside). */
  get sending(): boolean {
    const held = this.mode() !== "ptt" || this.talking;
    return this.live && !this.listen_only && !this.muted && !this.deafened && held;
  }

  private call_id: number | undefined;
  private muted_before_deafen = false;
  private cancel_timer: (() => void) | undefined;
  private cancel_release: (() => void) | undefined;
  private tries = 0;
  private link: Link = "connecting";
  /** Every new join outdates what an older one is still waiting for. */
  private round = 0;

  constructor(
    private readonly line: Line,
    private readonly media: CallMedia,
    private readonly clock: Clock,
    private readonly mode: () => VoiceMode,
    private readonly release_ms: () => number,
    private readonly events: CallEvents,
  ) {}

  /** Joins, or moves from another room's call. False when the microphone or the house says no. */
  async join(room: string, listen_only: boolean): Promise<boolean> {
    const round = this.begin(room, listen_only);
    if (listen_only) return this.enter(round);
    if (await this.media.microphone_allowed()) return this.enter_while_it_opens(round);
    if (!(await this.get_microphone(round))) return false;
    return this.enter(round);
  }

  async leave(): Promise<void> {
    const was_live = this.live;
    this.end();
    if (was_live) await this.say_goodbye();
  }

  set_muted(muted: boolean): void {
    if (this.deafened && !muted) {
      this.deafened = false;
      this.media.hear(true);
    }
    this.muted = muted;
    this.muted_before_deafen = muted;
    this.tell_voice();
  }

  /** Deafening mutes too; hearing again brings back what was before. */
  set_deafened(deafened: boolean): void {
    if (deafened === this.deafened) return;
    this.deafened = deafened;
    if (deafened) {
      this.muted_before_deafen = this.muted;
      this.muted = true;
    } else {
      this.muted = this.muted_before_deafen;
    }
    this.media.hear(!deafened);
    this.tell_voice();
  }

  press_talk(): void {
    this.cancel_release?.();
    if (!this.live || this.mode() !== "ptt") return;
    this.talking = true;
    this.apply_gate();
  }

  release_talk(): void {
    this.cancel_release?.();
    this.cancel_release = this.clock.after(this.release_ms(), () => {
      this.close_talk();
    });
  }

  /** Focus lost, page hidden, socket gone: the microphone closes now, whatever the key says. */
  close_talk(): void {
    this.cancel_release?.();
    this.talking = false;
    this.apply_gate();
  }

  mode_changed(): void {
    this.close_talk();
  }

  link_changed(link: Link): void {
    if (!this.live) return;
    this.link = link;
    if (link === "connected") this.connected();
    else if (link === "disconnected") this.restart_soon(RESTART_AFTER_MS);
    else if (link === "failed") this.restart_soon(0);
  }

  receive(message: ServerMessage): void {
    if (message.type === "muted_by") this.muted_by(message.by_name);
    if (message.type === "call_ended" && message.call === this.call_id) this.ended(message.reason);
    // An offer that nobody asked for changes the call that stands.
    if (message.type === "call_offer" && message.request === undefined && message.call === this.call_id) {
      void this.take_offer(message, false, this.round);
    }
  }

  connection_lost(): void {
    this.close_talk();
    if (this.phase === "joining") this.set_phase("reconnecting");
  }

  /** Back in the room after a loss: `still_in` says whether the house kept the call. */
  room_joined(room: string, still_in: boolean): void {
    if (room !== this.room || !this.live) return;
    if (this.phase === "joining" || this.phase === "connecting") return;
    if (!still_in) this.rejoin();
    else if (this.link === "connected") this.connected();
    else this.restart_soon(0);
    this.tell_voice();
  }

  welcomed(welcome: ServerWelcome): void {
    if (this.live && !welcome.resumed && this.phase !== "joining") this.set_phase("reconnecting");
  }

  /** After a long sleep nobody should be heard who does not know that the call goes on. */
  slept(): void {
    if (!this.live) return;
    this.muted = true;
    this.muted_before_deafen = true;
    this.apply_gate();
    this.events.notice("away_muted", "");
    this.rejoin();
  }

  /** Somebody who may has muted this voice. To say that one is muted tells the house that one knows; only then does an unmute count. */
  private muted_by(name: string): void {
    this.muted = true;
    this.muted_before_deafen = true;
    this.tell_voice();
    this.events.notice("muted_by", name);
  }

  private begin(room: string, listen_only: boolean): number {
    this.cancel_timer?.();
    this.room = room;
    this.listen_only = listen_only;
    this.trouble = undefined;
    this.tries = 0;
    this.set_phase("joining");
    return ++this.round;
  }

  private async say_goodbye(): Promise<void> {
    try {
      await this.line.ask({ type: "call_leave" });
    } catch {
      // Gone already, one way or the other.
    }
  }

  private async get_microphone(round: number): Promise<boolean> {
    try {
      await this.media.open_microphone();
    } catch (error) {
      if (round !== this.round) return false;
      const trouble = error instanceof MicrophoneError ? error.trouble : "failed";
      this.end();
      this.trouble = trouble;
      this.events.trouble(trouble);
      return false;
    }
    if (!this.live) this.media.close_microphone(); // it opened too late: nobody waits for it any more
    return round === this.round;
  }

  /** A device takes its time to open: the call is set up meanwhile, and left again when there is no microphone after all. */
  private async enter_while_it_opens(round: number): Promise<boolean> {
    if (round !== this.round) return false;
    const entering = this.enter(round);
    const opened = await this.get_microphone(round);
    const entered = await entering;
    if (!opened && this.phase === "out") await this.say_goodbye();
    return opened && entered;
  }

  private async enter(round: number): Promise<boolean> {
    if (this.room === undefined) return false;
    try {
      const offer = await this.line.ask({
        type: "call_join",
        room: this.room,
        listen_only: this.listen_only,
        muted: this.muted,
      });
      await this.take_offer(offer, true, round);
      if (this.deafened) this.tell_voice();
      return round === this.round;
    } catch (error) {
      this.failed(error, round);
      return false;
    }
  }

  private async take_offer(offer: AnswerTo<"call_join">, fresh: boolean, round: number): Promise<void> {
    if (round !== this.round) return;
    this.call_id = offer.call;
    if (fresh && this.phase === "joining") this.set_phase("connecting");
    if (fresh) this.link = "connecting";
    const sdp = await this.media.answer(offer.sdp, fresh);
    if (round !== this.round) return;
    this.apply_gate();
    this.media.hear(!this.deafened);
    await this.line.ask({ type: "call_answer", call: offer.call, sdp });
  }

  private failed(error: unknown, round: number): void {
    if (round !== this.round) return;
    if (error instanceof ConnectionLost) {
      // Comes back with the connection: room_joined rejoins.
      this.set_phase("reconnecting");
      return;
    }
    this.end();
    const full = error instanceof Refused && error.code === "call_full";
    this.events.notice(full ? "call_full" : "failed", error instanceof Error ? error.message : "");
  }

  private connected(): void {
    this.cancel_timer?.();
    this.tries = 0;
    this.set_phase("in");
    this.apply_gate();
  }

  private restart_soon(delay_ms: number): void {
    if (this.phase === "in" || this.phase === "connecting") this.set_phase("reconnecting");
    this.cancel_timer?.();
    const round = this.round;
    this.cancel_timer = this.clock.after(delay_ms, () => {
      void this.restart(round);
    });
  }

  /** First fresh ICE credentials on the same call; when that does not help in time, a new one. */
  private async restart(round: number): Promise<void> {
    if (round !== this.round || this.call_id === undefined) return;
    this.cancel_timer = this.clock.after(RESTART_WITHIN_MS, () => {
      if (round === this.round && this.phase === "reconnecting") this.rejoin();
    });
    try {
      await this.take_offer(await this.line.ask({ type: "call_restart", call: this.call_id }), false, round);
    } catch (error) {
      if (round !== this.round) return;
      // Without a connection there is nothing to ask: coming back to the room starts again.
      if (error instanceof ConnectionLost) this.cancel_timer();
      else this.rejoin();
    }
  }

  private rejoin(): void {
    this.cancel_timer?.();
    const step = REJOIN_STEPS_MS[Math.min(this.tries, REJOIN_STEPS_MS.length - 1)] ?? 0;
    if (++this.tries > GIVE_UP_AFTER) {
      this.end();
      this.events.notice("failed", "");
      return;
    }
    this.set_phase("reconnecting");
    const round = ++this.round;
    this.cancel_timer = this.clock.after(step, () => {
      void this.try_again(round);
    });
  }

  private async try_again(round: number): Promise<void> {
    this.cancel_timer = this.clock.after(RESTART_WITHIN_MS * 2, () => {
      if (round === this.round && this.phase === "reconnecting") this.rejoin();
    });
    await this.enter(round);
  }

  private ended(reason: CallEndReason): void {
    if (reason === "replaced") {
      this.end();
      this.events.notice("replaced", "");
    } else if (reason === "failed" || reason === "lost") {
      this.rejoin();
    } else if (reason === "closing") {
      this.set_phase("reconnecting");
    } else {
      this.end();
    }
  }

  private end(): void {
    this.cancel_timer?.();
    this.cancel_release?.();
    this.round += 1;
    this.talking = false;
    this.call_id = undefined;
    this.room = undefined;
    this.set_phase("out");
    this.media.transmit(false);
    this.media.hang_up();
    this.media.close_microphone();
  }

  private set_phase(phase: Phase): void {
    if (phase === this.phase) return;
    this.phase = phase;
    this.events.phase(phase);
  }

  private apply_gate(): void {
    this.media.transmit(this.sending);
  }

  private tell_voice(): void {
    this.apply_gate();
    if (this.live) this.line.tell({ type: "voice", muted: this.muted, deafened: this.deafened });
  }
}
