// From the microphone's track of one Chromium to the track that another plays, through our server on loopback:
// node bench/browser_mouth_to_ear.mjs [SECONDS]. The devices of both are not in it. Beside it stands the terminal client's own
// figure (voice_path_bench e1), whose two simulated devices of 5 ms are in it.
import { Stage } from "../tests/browser/lib/stage.mjs";

const seconds = Number(process.argv[2] ?? 20);
const RATE = 48_000;
const FACTOR = 8;
const WINDOW_S = 1;
const LONGEST_S = 0.6;

/** In the page: what its microphone sends or its peer's track plays, with the wall clock of the first sample. The tap's own delay is the same on both sides. */
async function listen_to([which, length]) {
  const peer = window.ears.peers.at(-1);
  const tracks = which === "own" ? peer.getSenders() : peer.getReceivers();
  const context = await window.ears.open();
  const merger = context.createGain();
  for (const { track } of tracks) {
    if (track?.kind === "audio") context.createMediaStreamSource(new MediaStream([track])).connect(merger);
  }
  const samples = new Float32Array(length * 48_000);
  let at = 0;
  let first;
  const clock = [];
  const tap = context.createScriptProcessor(1024, 1, 1);
  await new Promise((resolve) => {
    tap.onaudioprocess = ({ inputBuffer, playbackTime }) => {
      first ??= playbackTime;
      const { contextTime, performanceTime } = context.getOutputTimestamp();
      clock.push(performance.timeOrigin + performanceTime - contextTime * 1000);
      const part = inputBuffer.getChannelData(0);
      samples.set(part.subarray(0, Math.min(part.length, samples.length - at)), at);
      at = Math.min(samples.length, at + part.length);
      if (at === samples.length) resolve();
    };
    merger.connect(tap).connect(context.destination);
  });
  tap.onaudioprocess = null;
  clock.sort((a, b) => a - b);
  return { began: first * 1000 + clock[clock.length >> 1], spread: clock.at(-1) - clock[0], samples: Array.from(samples) };
}

/** The lag, in samples, at which `piece` lies best in `whole`, and how well. */
function lag_of(piece, whole, from, to) {
  let best = { lag: 0, score: -1 };
  const energy = piece.reduce((sum, sample) => sum + sample * sample, 1e-9);
  for (let lag = Math.max(0, from); lag < Math.min(to, whole.length - piece.length); ++lag) {
    let sum = 0;
    let power = 1e-9;
    for (let i = 0; i < piece.length; i += 1) {
      sum += piece[i] * whole[lag + i];
      power += whole[lag + i] * whole[lag + i];
    }
    const score = sum / Math.sqrt(energy * power);
    if (score > best.score) best = { lag, score };
  }
  return best;
}

/** A mean of eight samples: enough to find a lag to a sixth of a millisecond. */
const thinned = (samples) =>
  Float32Array.from({ length: samples.length / FACTOR }, (_, i) => samples.slice(FACTOR * i, FACTOR * (i + 1)).reduce((a, b) => a + b, 0) / FACTOR);

const stage = new Stage();
try {
  const ada = await stage.enter("ada", "Join call");
  const bob = await stage.enter("bob", "Join call");
  await bob.hears_somebody();
  await new Promise((later) => setTimeout(later, 3000));
  const [said, heard] = await Promise.all([
    ada.page.evaluate(listen_to, ["own", seconds]),
    bob.page.evaluate(listen_to, ["heard", seconds]),
  ]);
  const [mouth, ear] = [thinned(said.samples), thinned(heard.samples)];
  const rate = RATE / FACTOR;
  const offset = Math.round(((said.began - heard.began) * rate) / 1000);
  const found = [];
  for (let at = 0; at + WINDOW_S * rate < mouth.length; at += WINDOW_S * rate) {
    const piece = mouth.subarray(at, at + WINDOW_S * rate);
    const { lag, score } = lag_of(piece, ear, at + offset, at + offset + LONGEST_S * rate);
    if (score > 0.6) found.push(((lag - at - offset) * 1000) / rate);
  }
  found.sort((a, b) => a - b);
  const stats = await bob.page.evaluate(async () => {
    const all = [...(await window.ears.peers.at(-1).getStats()).values()].filter((each) => each.type === "inbound-rtp" && each.jitterBufferEmittedCount > 0);
    return all.map((each) => (1000 * each.jitterBufferDelay) / each.jitterBufferEmittedCount);
  });
  const share = (part) => found[Math.min(found.length - 1, Math.floor(part * found.length))]?.toFixed(1);
  console.log(`Chromium to Chromium, track to track: p50 ${share(0.5)} ms, p90 ${share(0.9)} ms, least ${share(0)} ms (${found.length} windows of ${WINDOW_S} s)`);
  console.log(`its jitter buffer holds a packet ${stats.map((each) => each.toFixed(0)).join(", ")} ms; the clocks moved by ${said.spread.toFixed(0)} and ${heard.spread.toFixed(0)} ms`);
} finally {
  await stage.end_story();
  await stage.close();
}
