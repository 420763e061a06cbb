// The one microphone: opened once, shown on the meter, and let through to the call by a gate.
import { MicrophoneError, type MicrophoneTrouble } from "../state/call.svelte";
import { VoiceGate } from "../state/speaking";

export interface MicrophoneChoice {
  readonly device: string;
  readonly echo: boolean;
  readonly noise: boolean;
  readonly gain: boolean;
}

const GATE_EVERY_MS = 20;

export function trouble_of(error: unknown): MicrophoneTrouble {
  if (!window.isSecureContext) return "insecure";
  if (!(error instanceof DOMException)) return "failed";
  switch (error.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "OverconstrainedError":
      return "none";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "failed";
  }
}

export class Microphone {
  /** What goes to the call: a clone, so that the meter still moves while it is muted. */
  sent: MediaStreamTrack | undefined;
  /** Called when the device was pulled out. */
  on_ended: () => void = () => undefined;
  /** undefined: everything passes. A number: only what is louder (dB of full scale). */
  threshold_db: () => number | undefined = () => undefined;

  private stream: MediaStream | undefined;
  private analyser: AnalyserNode | undefined;
  private source: MediaStreamAudioSourceNode | undefined;
  private samples = new Float32Array(1024);
  private readonly gate = new VoiceGate();
  private timer: ReturnType<typeof setInterval> | undefined;
  private allowed = false;
  private opening: Promise<void> | undefined;

  constructor(private readonly context: () => AudioContext) {}

  get is_open(): boolean {
    return this.stream !== undefined;
  }

  get label(): string {
    return this.stream?.getAudioTracks()[0]?.label ?? "";
  }

  get device(): string {
    return this.stream?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  }

  /** Asks the browser; a second caller waits for the first. */
  open(choice: MicrophoneChoice): Promise<void> {
    if (this.stream !== undefined) return Promise.resolve();
    this.opening ??= this.really_open(choice).finally(() => {
      this.opening = undefined;
    });
    return this.opening;
  }

  /** The next device takes over from the old one without a gap in the call's track slot. */
  async reopen(choice: MicrophoneChoice): Promise<void> {
    this.close();
    await this.open(choice);
  }

  close(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.source?.disconnect();
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.sent?.stop();
    this.stream = undefined;
    this.analyser = undefined;
    this.source = undefined;
    this.sent = undefined;
  }

  allow(on: boolean): void {
    this.allowed = on;
    this.apply();
  }

  /** Linear, 0 to 1, of the last 20 ms or so. */
  level(): number {
    if (this.analyser === undefined) return 0;
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    return Math.sqrt(sum / this.samples.length) * Math.SQRT2;
  }

  private async really_open(choice: MicrophoneChoice): Promise<void> {
    if (!window.isSecureContext || !("mediaDevices" in navigator)) throw new MicrophoneError("insecure");
    const stream = await this.ask(choice);
    this.stream = stream;
    const track = stream.getAudioTracks()[0];
    if (track === undefined) throw new MicrophoneError("none");
    track.addEventListener("ended", () => {
      if (this.stream !== stream) return;
      this.close();
      this.on_ended();
    });
    this.sent = track.clone();
    this.listen(stream);
    this.apply();
  }

  private async ask(choice: MicrophoneChoice): Promise<MediaStream> {
    const how: MediaTrackConstraints = {
      echoCancellation: choice.echo,
      noiseSuppression: choice.noise,
      autoGainControl: choice.gain,
      channelCount: { ideal: 1 },
    };
    try {
      const device = choice.device === "" ? {} : { deviceId: { exact: choice.device } };
      return await navigator.mediaDevices.getUserMedia({ audio: { ...how, ...device } });
    } catch (error) {
      // The remembered device is not plugged in today: any other will do.
      const gone = error instanceof DOMException && error.name === "OverconstrainedError";
      if (!gone) throw new MicrophoneError(trouble_of(error));
    }
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: how });
    } catch (error) {
      throw new MicrophoneError(trouble_of(error));
    }
  }

  private listen(stream: MediaStream): void {
    const context = this.context();
    this.analyser = context.createAnalyser();
    this.analyser.fftSize = 1024;
    this.source = context.createMediaStreamSource(stream);
    this.source.connect(this.analyser);
    this.timer = setInterval(() => {
      this.apply();
    }, GATE_EVERY_MS);
  }

  private apply(): void {
    if (this.sent === undefined) return;
    const enabled = this.allowed && this.loud_enough();
    if (this.sent.enabled !== enabled) this.sent.enabled = enabled;
  }

  private loud_enough(): boolean {
    const threshold = this.threshold_db();
    // A hidden page is called too seldom to catch the beginning of a word, and a suspended graph hears nothing.
    if (threshold === undefined || document.hidden || this.context().state !== "running") return true;
    const level_db = 20 * Math.log10(Math.max(this.level(), 1e-6));
    return this.gate.feed(level_db, threshold, performance.now());
  }
}
