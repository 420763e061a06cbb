// Every track and every sound: the microphone, the connection to the server, the slots that are heard.
import type { CallMedia, Link } from "../state/call.svelte";
import type { Preferences } from "../state/preferences.svelte";
import type { LinkSample } from "../state/quality";
import { LevelBoard } from "./levels";
import { Microphone, type MicrophoneChoice } from "./microphone";
import { SlotSpeaker } from "./speaker";

export interface EngineEvents {
  link(link: Link): void;
  /** The browser wants a click before it lets anything be heard. */
  blocked(blocked: boolean): void;
  microphone_gone(): void;
}

export interface Listener {
  readonly slot: number;
  readonly member: number;
  readonly volume: number;
}

const STALE_LEVEL_MS = 300;

export class MediaEngine implements CallMedia {
  readonly levels = new LevelBoard();
  readonly microphone = new Microphone(() => this.context());
  events: EngineEvents = { link: () => undefined, blocked: () => undefined, microphone_gone: () => undefined };

  private audio: AudioContext | undefined;
  private peer: RTCPeerConnection | undefined;
  private speakers: SlotSpeaker[] = [];
  private listeners: readonly Listener[] = [];
  private hearing = true;

  constructor(private readonly preferences: Preferences) {
    this.microphone.threshold_db = () => (preferences.mode === "voice" ? preferences.gate_db : undefined);
    this.microphone.on_ended = () => {
      this.events.microphone_gone();
    };
  }

  /** One audio graph for all; made at the first need, which follows a click. */
  context(): AudioContext {
    if (this.audio === undefined) {
      this.audio = new AudioContext({ latencyHint: "interactive" });
      void this.apply_sink();
    }
    return this.audio;
  }

  async microphone_allowed(): Promise<boolean> {
    if (this.microphone.is_open) return true;
    try {
      return (await navigator.permissions.query({ name: "microphone" })).state === "granted";
    } catch {
      return false; // a browser that does not know the question
    }
  }

  async open_microphone(): Promise<void> {
    await this.microphone.open(this.choice());
    this.levels.set_source("me", () => this.microphone.level());
    void this.wake();
    await this.send_microphone();
  }

  close_microphone(): void {
    this.levels.set_source("me", undefined);
    this.microphone.close();
    void this.send_microphone();
  }

  /** Another device or other treatment: what is open is opened again. */
  async microphone_changed(): Promise<void> {
    if (!this.microphone.is_open) return;
    await this.microphone.reopen(this.choice());
    await this.send_microphone();
  }

  async answer(offer: string, fresh: boolean): Promise<string> {
    const peer = fresh || this.peer === undefined ? this.new_peer() : this.peer;
    await peer.setRemoteDescription({ type: "offer", sdp: offer });
    const [first, ...slots] = peer.getTransceivers();
    if (first !== undefined) {
      first.direction = "sendonly";
      await first.sender.replaceTrack(this.microphone.sent ?? null);
    }
    this.take_slots(slots);
    await peer.setLocalDescription(await peer.createAnswer());
    return peer.localDescription?.sdp ?? "";
  }

  transmit(on: boolean): void {
    this.microphone.allow(on);
  }

  hear(on: boolean): void {
    this.hearing = on;
    for (const speaker of this.speakers) speaker.hear(on);
  }

  hang_up(): void {
    this.drop_peer();
    this.listeners = [];
    this.events.blocked(false);
  }

  private drop_peer(): void {
    for (const { member } of this.listeners) this.levels.set_source(member, undefined);
    for (const speaker of this.speakers) speaker.close();
    this.speakers = [];
    const peer = this.peer;
    this.peer = undefined;
    peer?.close();
  }

  /** Who is on which slot, and how loud. */
  assign(listeners: readonly Listener[]): void {
    const there = new Set(listeners.map(({ member }) => member));
    for (const { member } of this.listeners) if (!there.has(member)) this.levels.set_source(member, undefined);
    this.listeners = listeners;
    for (const { slot, member, volume } of listeners) {
      const speaker = this.speakers[slot];
      if (speaker === undefined) continue;
      speaker.set_volume(volume);
      this.levels.set_source(member, level_of(speaker.receiver));
    }
  }

  /** After a click: everything that the browser held back. */
  async wake(): Promise<void> {
    if (this.context().state === "suspended") await this.context().resume();
    this.events.blocked(false);
    await Promise.all(this.speakers.map((speaker) => speaker.play()));
  }

  async apply_sink(): Promise<void> {
    const device = this.preferences.speaker;
    const context = this.audio as (AudioContext & { setSinkId?: (id: string) => Promise<void> }) | undefined;
    try {
      await context?.setSinkId?.(device);
      await Promise.all(this.speakers.map((speaker) => speaker.set_sink(device)));
    } catch {
      // The remembered loudspeaker is not there today: the default one speaks.
    }
  }

  /** Two soft notes, to hear whether one hears. */
  async test_tone(): Promise<void> {
    await this.wake();
    this.chime([523.25, 783.99], 0.2, 0.35);
  }

  chime(notes: readonly number[], volume: number, step_s: number): void {
    if (this.audio?.state !== "running") return;
    const context = this.audio;
    notes.forEach((frequency, index) => {
      const begin = context.currentTime + 0.02 + index * step_s;
      const tone = context.createOscillator();
      const envelope = context.createGain();
      tone.frequency.value = frequency;
      envelope.gain.setValueAtTime(0, begin);
      envelope.gain.linearRampToValueAtTime(volume, begin + 0.02);
      envelope.gain.exponentialRampToValueAtTime(0.0005, begin + step_s * 1.8);
      tone.connect(envelope).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + step_s * 2);
    });
  }

  async sample(): Promise<LinkSample | undefined> {
    if (this.peer === undefined) return undefined;
    return read_stats(await this.peer.getStats());
  }

  private choice(): MicrophoneChoice {
    const { microphone, echo, noise, gain } = this.preferences;
    return { device: microphone, echo, noise, gain };
  }

  private new_peer(): RTCPeerConnection {
    this.drop_peer();
    const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.peer = peer;
    peer.addEventListener("connectionstatechange", () => {
      if (peer !== this.peer) return;
      const state = peer.connectionState;
      if (state === "connected" || state === "disconnected" || state === "failed") this.events.link(state);
    });
    return peer;
  }

  private take_slots(transceivers: readonly RTCRtpTransceiver[]): void {
    const audio = transceivers.filter(({ receiver }) => receiver.track.kind === "audio");
    for (const { receiver } of audio.slice(this.speakers.length)) {
      const speaker = new SlotSpeaker(
        receiver,
        () => this.context(),
        () => this.events.blocked(true),
      );
      speaker.hear(this.hearing);
      void speaker.set_sink(this.preferences.speaker).catch(() => undefined);
      this.speakers.push(speaker);
    }
    this.assign(this.listeners);
  }

  private async send_microphone(): Promise<void> {
    const sender = this.peer?.getTransceivers()[0]?.sender;
    await sender?.replaceTrack(this.microphone.sent ?? null);
  }
}

/** What the browser knows of the last packets' loudness. A source that has fallen silent keeps its last value: it is stale. */
function level_of(receiver: RTCRtpReceiver): () => number {
  let stamp = -1;
  let changed_at = 0;
  return () => {
    const source = receiver.getSynchronizationSources()[0];
    if (source === undefined) return 0;
    if (source.rtpTimestamp !== stamp) {
      stamp = source.rtpTimestamp;
      changed_at = performance.now();
    }
    return performance.now() - changed_at > STALE_LEVEL_MS ? 0 : (source.audioLevel ?? 0);
  };
}

function read_stats(report: RTCStatsReport): LinkSample {
  let rtt_ms: number | undefined;
  let received = 0;
  let lost = 0;
  let bytes = 0;
  let sent_loss: number | undefined;
  let jitter_ms: number | undefined;
  const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
  report.forEach((entry: Record<string, unknown>) => {
    switch (entry["type"]) {
      case "candidate-pair":
        if (entry["nominated"] === true && entry["state"] === "succeeded") {
          const seconds = number(entry["currentRoundTripTime"]);
          if (seconds !== undefined) rtt_ms = seconds * 1000;
          bytes += (number(entry["bytesReceived"]) ?? 0) + (number(entry["bytesSent"]) ?? 0);
        }
        break;
      case "inbound-rtp":
        received += number(entry["packetsReceived"]) ?? 0;
        lost += number(entry["packetsLost"]) ?? 0;
        jitter_ms = Math.max(jitter_ms ?? 0, (number(entry["jitter"]) ?? 0) * 1000);
        break;
      case "remote-inbound-rtp":
        sent_loss = number(entry["fractionLost"]);
        break;
      default:
        break;
    }
  });
  return { time_ms: performance.now(), rtt_ms, received, lost, sent_loss, jitter_ms, bytes };
}
