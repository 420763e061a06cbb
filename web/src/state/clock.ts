// Time and chance are handed in, so that a test can spend an hour in a millisecond.

export interface Clock {
  /** Milliseconds since 1970, as Date.now() gives them. */
  now(): number;
  /** Runs `task` once after `delay_ms`; the answer cancels it. */
  after(delay_ms: number, task: () => void): () => void;
}

/** A number from 0 up to (not including) 1. */
export type Random = () => number;

export const browserClock: Clock = {
  now: () => Date.now(),
  after(delay_ms, task) {
    const timer = globalThis.setTimeout(task, delay_ms);
    return () => {
      globalThis.clearTimeout(timer);
    };
  },
};

interface Appointment {
  readonly at: number;
  readonly task: () => void;
}

/** The clock of the tests: stands still until it is told to advance. */
export class VirtualClock implements Clock {
  private time: number;
  private appointments: Appointment[] = [];

  constructor(start = 1_795_260_000_000) {
    this.time = start;
  }

  now(): number {
    return this.time;
  }

  after(delay_ms: number, task: () => void): () => void {
    const appointment = { at: this.time + delay_ms, task };
    this.appointments.push(appointment);
    return () => {
      this.appointments = this.appointments.filter((other) => other !== appointment);
    };
  }

  /** Moves on, keeping every appointment on the way, and lets promises settle between them. */
  async advance(duration_ms: number): Promise<void> {
    const end = this.time + duration_ms;
    await settle();
    for (let next = this.due(end); next !== undefined; next = this.due(end)) {
      const { at, task } = next;
      this.appointments = this.appointments.filter((other) => other !== next);
      this.time = Math.max(this.time, at);
      task();
      await settle();
    }
    this.time = end;
  }

  /** Jumps like a laptop that slept: what was due happens late, at the new time. */
  async sleep(duration_ms: number): Promise<void> {
    this.time += duration_ms;
    await this.advance(0);
  }

  private due(end: number): Appointment | undefined {
    return this.appointments.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

/** Lets what promises have set in motion come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; ++turn) await Promise.resolve();
}
