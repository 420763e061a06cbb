// Is what was heard what was spoken? Normalised cross-correlation, of the wave itself and of its loudness.
//
// A jitter buffer stretches and shortens, so the wave is compared in short pieces, each of which may lie a little
// beside the place that the whole has found. Both recordings are first brought to 8 kHz.

const FACTOR = 6;
const PIECE_S = 0.4;
const DRIFT_S = 0.06;
const FRAME_S = 0.02;
const TAPS = 49;

/** Low-pass and decimation by 6: windowed sinc. */
export function thin_out(samples) {
  const half = (TAPS - 1) / 2;
  const kernel = Float64Array.from({ length: TAPS }, (_, tap) => {
    const x = (tap - half) / FACTOR;
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return (sinc * (0.54 + 0.46 * Math.cos((Math.PI * (tap - half)) / half))) / FACTOR;
  });
  const out = new Float64Array(Math.floor(samples.length / FACTOR));
  for (let index = 0; index < out.length; ++index) {
    const centre = index * FACTOR - half;
    const last = Math.min(TAPS, samples.length - centre);
    let sum = 0;
    for (let tap = Math.max(0, -centre); tap < last; ++tap) sum += kernel[tap] * samples[centre + tap];
    out[index] = sum;
  }
  return out;
}

const known_turns = new Map();
function turns(size) {
  if (!known_turns.has(size)) {
    const of = (wave) => Float64Array.from({ length: size >> 1 }, (_, k) => wave((2 * Math.PI * k) / size));
    known_turns.set(size, { cos: of(Math.cos), sin: of(Math.sin) });
  }
  return known_turns.get(size);
}

/** In place, radix 2; lengths are powers of two. */
function fft(re, im, inverse) {
  const n = re.length;
  for (let i = 1, j = 0; i < n; ++i) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j], re[i]];
      [im[i], im[j]] = [im[j], im[i]];
    }
  }
  for (let size = 2; size <= n; size <<= 1) {
    const half = size >> 1;
    const { cos, sin } = turns(size);
    const sign = inverse ? 1 : -1;
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; ++k) {
        const a = start + k;
        const b = a + half;
        const x = re[b] * cos[k] - im[b] * sign * sin[k];
        const y = re[b] * sign * sin[k] + im[b] * cos[k];
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
    }
  }
}

/** sum over i of piece[i] * whole[lag + i], for every lag at which the piece lies inside the whole. */
function correlate(piece, whole) {
  let size = 1;
  while (size < whole.length + piece.length) size <<= 1;
  const [a, b, c, d] = [0, 0, 0, 0].map(() => new Float64Array(size));
  a.set(whole);
  c.set(piece);
  fft(a, b, false);
  fft(c, d, false);
  for (let k = 0; k < size; ++k) {
    const re = a[k] * c[k] + b[k] * d[k];
    b[k] = b[k] * c[k] - a[k] * d[k];
    a[k] = re;
  }
  fft(a, b, true);
  return a.subarray(0, whole.length - piece.length + 1).map((product) => product / size);
}

function energy(samples) {
  let sum = 0;
  for (let index = 0; index < samples.length; ++index) sum += samples[index] * samples[index];
  return sum;
}

/** The best place of the piece inside the whole: normalised to -1..1, so that loudness plays no part. */
export function best_match(piece, whole) {
  const own = energy(piece);
  if (own === 0 || whole.length < piece.length) return { value: 0, lag: 0 };
  const sums = new Float64Array(whole.length + 1);
  for (let index = 0; index < whole.length; ++index) sums[index + 1] = sums[index] + whole[index] * whole[index];
  let best = { value: -1, lag: 0 };
  const products = correlate(piece, whole);
  for (let lag = 0; lag < products.length; ++lag) {
    const other = sums[lag + piece.length] - sums[lag];
    const value = other > 1e-9 ? products[lag] / Math.sqrt(own * other) : 0;
    if (value > best.value) best = { value, lag };
  }
  return best;
}

function loudness(samples, rate) {
  const frame = Math.round(FRAME_S * rate);
  return Float64Array.from({ length: Math.floor(samples.length / frame) }, (_, index) =>
    Math.sqrt(energy(samples.subarray(index * frame, (index + 1) * frame)) / frame),
  );
}

function without_mean(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return values.map((value) => value - mean);
}

/** Repeats what is spoken, as the fake microphone does, until all of the heard fits behind any beginning. */
function looped(spoken, length) {
  const out = new Float64Array(spoken.length + length);
  for (let index = 0; index < out.length; ++index) out[index] = spoken[index % spoken.length];
  return out;
}

/**
 * `heard` and `spoken` are samples at `rate` (48 kHz); `spoken` is taken to loop.
 * whole: the wave as one piece. wave: in pieces that may drift. envelope: of loudness. All 0 to 1; level in dB of full scale.
 */
export function match(heard, spoken, rate = 48_000) {
  const slow = rate / FACTOR;
  const near = thin_out(heard);
  const far = looped(thin_out(spoken), near.length);
  const level_db = 10 * Math.log10(energy(near) / Math.max(1, near.length) + 1e-12);
  if (level_db < -70) return { whole: 0, wave: 0, envelope: 0, level_db };
  const whole = best_match(near, far);
  return {
    whole: whole.value,
    wave: in_pieces(near, far, place_of(near, far, slow), slow),
    envelope: envelope_match(near, far, slow),
    level_db,
  };
}

/** Where the loudest second lies: the whole may have been stretched too much to tell. */
function place_of(near, far, rate) {
  const length = Math.min(near.length, Math.round(rate));
  let [start, most] = [0, -1];
  for (let at = 0; at + length <= near.length; at += length >> 1) {
    const here = energy(near.subarray(at, at + length));
    if (here > most) [start, most] = [at, here];
  }
  return best_match(near.subarray(start, start + length), far).lag - start;
}

function in_pieces(near, far, offset, rate) {
  const piece = Math.round(PIECE_S * rate);
  const drift = Math.round(DRIFT_S * rate);
  let [sum, weight, moved] = [0, 0, 0];
  for (let at = 0; at + piece <= near.length; at += piece) {
    const part = near.subarray(at, at + piece);
    const own = energy(part);
    const from = Math.max(0, at + offset + moved - drift);
    const found = best_match(part, far.subarray(from, from + piece + 2 * drift));
    sum += own * Math.max(0, found.value);
    weight += own;
    if (found.value > 0.7) moved = from + found.lag - at - offset;
  }
  return weight > 0 ? sum / weight : 0;
}

function envelope_match(near, far, rate) {
  const quiet = without_mean(loudness(near, rate));
  const loud = loudness(far, rate);
  let best = 0;
  const own = energy(quiet);
  for (let lag = 0; lag + quiet.length <= loud.length; ++lag) {
    const part = without_mean(loud.subarray(lag, lag + quiet.length));
    let product = 0;
    for (let index = 0; index < part.length; ++index) product += quiet[index] * part[index];
    best = Math.max(best, product / Math.sqrt(own * energy(part) + 1e-18));
  }
  return best;
}

/** Power at a frequency as a share of all power (Goertzel): 1 for a pure tone. */
export function tone_share(samples, frequency, rate = 48_000) {
  const turn = 2 * Math.cos((2 * Math.PI * frequency) / rate);
  let [one, two] = [0, 0];
  for (const sample of samples) [one, two] = [sample + turn * one - two, one];
  const power = one * one + two * two - turn * one * two;
  const all = energy(samples);
  return all > 0 ? (2 * power) / (samples.length * all) : 0;
}
