// How good the way to the server is, judged from two looks at the browser's statistics.

export interface LinkSample {
  readonly time_ms: number;
  readonly rtt_ms: number | undefined;
  readonly received: number;
  readonly lost: number;
  /** What the server reports of our own packets, 0 to 1. */
  readonly sent_loss: number | undefined;
  readonly jitter_ms: number | undefined;
  readonly bytes: number;
}

export type Grade = "unknown" | "good" | "fair" | "poor" | "bad";
export interface Quality {
  readonly grade: Grade;
  readonly rtt_ms: number | undefined;
  /** 0 to 1, the worse of the two directions. */
  readonly loss: number;
  readonly jitter_ms: number | undefined;
  readonly kbps: number;
}

export const UNKNOWN_QUALITY: Quality = {
  grade: "unknown",
  rtt_ms: undefined,
  loss: 0,
  jitter_ms: undefined,
  kbps: 0,
};

export function judge(before: LinkSample | undefined, now: LinkSample): Quality {
  const received = now.received - (before?.received ?? 0);
  const lost = Math.max(0, now.lost - (before?.lost ?? 0));
  const loss_here = received + lost > 0 ? lost / (received + lost) : 0;
  const loss = Math.max(loss_here, now.sent_loss ?? 0);
  const seconds = before === undefined ? 0 : (now.time_ms - before.time_ms) / 1000;
  const kbps = seconds > 0 && before !== undefined ? ((now.bytes - before.bytes) * 8) / 1000 / seconds : 0;
  const { rtt_ms, jitter_ms } = now;
  return { grade: grade(rtt_ms, loss), rtt_ms, loss, jitter_ms, kbps: Math.max(0, kbps) };
}

function grade(rtt_ms: number | undefined, loss: number): Grade {
  if (rtt_ms === undefined) return "unknown";
  if (loss > 0.1 || rtt_ms > 600) return "bad";
  if (loss > 0.04 || rtt_ms > 350) return "poor";
  if (loss > 0.01 || rtt_ms > 180) return "fair";
  return "good";
}

export const BARS: Readonly<Record<Grade, number>> = { unknown: 0, bad: 1, poor: 2, fair: 3, good: 4 };
