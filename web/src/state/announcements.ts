// What a screen reader is told of new messages: at most one sentence in two seconds, and a number when there are many.
import type { Clock } from "./clock";

export const ANNOUNCE_EVERY_MS = 2000;
const MOST_TOGETHER = 3;

export class MessageAnnouncer {
  private waiting: string[] = [];
  private spoke_at = -Infinity;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly speak: (text: string) => void,
    private readonly many: (count: number) => string,
  ) {}

  add(text: string): void {
    this.waiting.push(text);
    const wait_ms = this.spoke_at + ANNOUNCE_EVERY_MS - this.clock.now();
    if (wait_ms <= 0) this.flush();
    else
      this.cancel ??= this.clock.after(wait_ms, () => {
        this.flush();
      });
  }

  private flush(): void {
    this.cancel?.();
    this.cancel = undefined;
    const texts = this.waiting;
    this.waiting = [];
    if (texts.length === 0) return;
    this.spoke_at = this.clock.now();
    this.speak(texts.length > MOST_TOGETHER ? this.many(texts.length) : texts.join(". "));
  }
}
