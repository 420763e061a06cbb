// Choices that are remembered on this device.
import { isRecord, readJson, type Storage } from "./storage";

export type VoiceMode = "voice" | "ptt" | "open";
export type Theme = "system" | "light" | "dark";
export type JoinAs = "call" | "listen" | "chat";
export type AnnounceLevel = "messages" | "mentions" | "none";

const KEY = "preferences";
const SAVED = [
  "name",
  "microphone",
  "speaker",
  "mode",
  "gate_db",
  "release_ms",
  "echo",
  "noise",
  "gain",
  "theme",
  "reduced_motion",
  "single_keys",
  "announce",
  "notify",
  "sounds",
  "volumes",
] as const;

export const MOST_VOLUME = 2;
const MOST_VOLUMES_KEPT = 500;

export class Preferences {
  name = $state("");
  microphone = $state("");
  speaker = $state("");
  mode = $state<VoiceMode>("voice");
  /** The level above which the voice opens the microphone, in dB of full scale. */
  gate_db = $state(-60);
  /** How long the microphone stays open after the talk key is let go. */
  release_ms = $state(200);
  echo = $state(true);
  noise = $state(true);
  gain = $state(true);
  theme = $state<Theme>("system");
  reduced_motion = $state(false);
  single_keys = $state(true);
  announce = $state<AnnounceLevel>("messages");
  notify = $state(false);
  sounds = $state(true);
  /** By lower-case name: 0 to 2, where 1 is as sent. */
  volumes = $state<Record<string, number>>({});

  constructor(private readonly storage: Storage) {
    const saved = readJson(storage, KEY);
    if (isRecord(saved)) this.take(saved);
  }

  save(): void {
    const values = Object.fromEntries(SAVED.map((field) => [field, $state.snapshot(this[field])]));
    this.storage.set(KEY, JSON.stringify(values));
  }

  set<K extends (typeof SAVED)[number]>(field: K, value: this[K]): void {
    (this as Record<K, unknown>)[field] = value;
    this.save();
  }

  volume_of(name: string): number {
    return this.volumes[name.toLowerCase()] ?? 1;
  }

  set_volume(name: string, volume: number): void {
    const key = name.toLowerCase();
    const others = Object.entries(this.volumes).filter(([other]) => other !== key);
    const bounded = Math.min(MOST_VOLUME, Math.max(0, volume));
    // As sent is not worth remembering.
    const mine: [string, number][] = bounded === 1 ? [] : [[key, bounded]];
    this.volumes = Object.fromEntries([...others, ...mine].slice(-MOST_VOLUMES_KEPT));
    this.save();
  }

  /** Takes over what has the right shape; a stranger's or an older version's value is left behind. */
  private take(saved: Record<string, unknown>): void {
    for (const field of SAVED) {
      if (field === "volumes") continue;
      const value = saved[field];
      if (typeof value === typeof this[field] && allowed(field, value))
        (this as Record<string, unknown>)[field] = value;
    }
    if (!isRecord(saved["volumes"])) return;
    for (const [name, value] of Object.entries(saved["volumes"])) {
      if (typeof value === "number" && value >= 0 && value <= MOST_VOLUME) this.volumes[name] = value;
    }
  }
}

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  mode: ["voice", "ptt", "open"],
  theme: ["system", "light", "dark"],
  announce: ["messages", "mentions", "none"],
};

function allowed(field: string, value: unknown): boolean {
  const choices = CHOICES[field];
  if (choices !== undefined) return choices.includes(value as string);
  return typeof value !== "number" || Number.isFinite(value);
}
