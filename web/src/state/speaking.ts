// When somebody counts as speaking: at once when the voice begins, and a breath longer than it lasts.

const OPENS_AT = 0.25;
const HOLDS_AT = 0.18;
const RELEASE_MS = 300;

export class SpeakingGate {
  speaking = false;
  private loud_at = -Infinity;

  /** `level` is 0 to 1 as the eye sees it. True when the answer has changed. */
  feed(level: number, time_ms: number): boolean {
    if (level >= (this.speaking ? HOLDS_AT : OPENS_AT)) this.loud_at = time_ms;
    const speaking = time_ms - this.loud_at < RELEASE_MS;
    const changed = speaking !== this.speaking;
    this.speaking = speaking;
    return changed;
  }
}

/** The gate of the voice mode: opens above the threshold, and stays open for the end of the word. */
export class VoiceGate {
  open = false;
  private loud_at = -Infinity;
  constructor(private readonly hold_ms = 500) {}

  feed(level_db: number, threshold_db: number, time_ms: number): boolean {
    // A little below the threshold still holds it open: a voice falls at the end of a sentence.
    if (level_db >= threshold_db - (this.open ? 6 : 0)) this.loud_at = time_ms;
    this.open = time_ms - this.loud_at < this.hold_ms;
    return this.open;
  }
}
