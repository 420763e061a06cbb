// Loudness, on its way from the audio to the pixels: written straight to a CSS variable, never through reactive state.
import type { Attachment } from "svelte/attachments";
import { SpeakingGate } from "../state/speaking";

export type LevelKey = number | "me";
/** Linear, 0 to 1. */
export type LevelSource = () => number;

/** Linear amplitude to what the eye takes for loudness: -60 dB is nothing, 0 dB is all. */
export function visible_level(amplitude: number): number {
  if (amplitude <= 0.001) return 0;
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(amplitude)) / 60));
}

const FRAME_MS = 40;

/** Everyone who can be heard, and every element that shows it. */
export class LevelBoard {
  private readonly sources = new Map<LevelKey, LevelSource>();
  private readonly elements = new Map<LevelKey, Set<HTMLElement>>();
  private readonly gates = new Map<LevelKey, SpeakingGate>();
  private frame: number | undefined;
  private drawn_at = 0;

  /** Called when somebody starts or stops to be heard. */
  on_speaking: (key: LevelKey, speaking: boolean) => void = () => undefined;

  set_source(key: LevelKey, source: LevelSource | undefined): void {
    if (source === undefined) {
      this.sources.delete(key);
      this.show(key, 0);
      if (this.gates.get(key)?.speaking === true) this.on_speaking(key, false);
      this.gates.delete(key);
    } else {
      this.sources.set(key, source);
    }
    this.run();
  }

  /** For `{@attach board.shows(member)}`: the element gets `--level`, 0 to 1. */
  shows(key: LevelKey): Attachment<HTMLElement> {
    return (element) => {
      const elements = this.elements.get(key) ?? new Set();
      this.elements.set(key, elements.add(element));
      this.run();
      return () => {
        elements.delete(element);
        if (elements.size === 0) this.elements.delete(key);
      };
    };
  }

  private run(): void {
    if (this.frame !== undefined || this.sources.size === 0) return;
    this.frame = requestAnimationFrame((time) => {
      this.frame = undefined;
      if (time - this.drawn_at >= FRAME_MS) this.draw(time);
      this.run();
    });
  }

  private draw(time: number): void {
    this.drawn_at = time;
    for (const [key, source] of this.sources) {
      const level = visible_level(source());
      const gate = this.gates.get(key) ?? new SpeakingGate();
      this.gates.set(key, gate);
      if (gate.feed(level, time)) this.on_speaking(key, gate.speaking);
      this.show(key, level);
    }
  }

  private show(key: LevelKey, level: number): void {
    for (const element of this.elements.get(key) ?? []) element.style.setProperty("--level", level.toFixed(3));
  }
}
