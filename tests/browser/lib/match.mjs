// Is what was heard what was spoken? Normalised cross-correlation, of the wave itself and of its loudness.
//
// A jitter buffer stretches and shortens, so the wave is compared in short pieces, each of which may lie a little
// beside the place that the whole has found. Both recordings are first brought to 12 kHz and
// to what lies below 3 kHz: there half a sample beside the true place costs little.

const FACTOR = 4;
const PIECE_S = 0.2;
const DRIFT_S = 0.08;
const WITNESSES = 4;
const WITNESS_S = 0.5;
const FRAME_S = 0.02;
const TAPS = 49;

/** Windowed sinc with its edge at 3 kHz, then every fourth sample. */
export function thin_out(samples) {
  const half = (TAPS - 1) / 2;
  const kernel = Float64Array.from({ length: TAPS }, (_, tap) => {
    const x = (tap - half) / (2 * FACTOR);
    const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    return (sinc * (0.54 + 0.46 * Math.cos((Math.PI * (tap - half)) / half))) / (2 * FACTOR);
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

const spectra = new WeakMap();
/** Of a voice that is compared often; `whole` is not changed afterwards. */
function spectrum(whole, size) {
  const known = spectra.get(whole);
  if (known?.re.length === size) return known;
  const made = { re: new Float64Array(size), im: new Float64Array(size) };
  made.re.set(whole);
  fft(made.re, made.im, false);
  spectra.set(whole, made);
  return made;
}

/** sum over i of piece[i] * whole[lag + i], for every lag at which the piece lies inside the whole. */
function correlate(piece, whole) {
  let size = 1;
  while (size < whole.length + piece.length) size <<= 1;
  const { re: a, im: b } = spectrum(whole, size);
  const [c, d] = [new Float64Array(size), new Float64Array(size)];
  c.set(piece);
  fft(c, d, false);
  for (let k = 0; k < size; ++k) {
    const re = a[k] * c[k] + b[k] * d[k];
    d[k] = b[k] * c[k] - a[k] * d[k];
    c[k] = re;
  }
  fft(c, d, true);
  return c.subarray(0, whole.length - piece.length + 1).map((product) => product / size);
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

function looped(spoken) {
  const out = new Float64Array(2 * spoken.length);
  out.set(spoken);
  out.set(spoken, spoken.length);
  return out;
}

const every_other = (samples) => Float64Array.from({ length: samples.length >> 1 }, (_, index) => samples[2 * index]);

/** A voice made ready for comparison, once: twice in a row, so that a piece may begin anywhere. */
const prepared = new WeakMap();
function prepare(spoken) {
  if (!prepared.has(spoken)) {
    const fine = looped(thin_out(spoken));
    const coarse = every_other(fine);
    prepared.set(spoken, { fine, coarse });
  }
  return prepared.get(spoken);
}

/**
 * `heard` and `spoken` are samples at `rate` (48 kHz); `spoken` is taken to loop, and to be longer than `heard`.
 * wave: in pieces that may drift. envelope: of loudness. Both 0 to 1; level in dB of full scale.
 */
export function match(heard, spoken, rate = 48_000) {
  const slow = rate / FACTOR;
  const near = thin_out(heard);
  const far = prepare(spoken);
  const level_db = 10 * Math.log10(energy(near) / Math.max(1, near.length) + 1e-12);
  if (level_db < -70) return { wave: 0, envelope: 0, level_db };
  const offset = 2 * place_of(every_other(near), far.coarse, slow / 2);
  return { wave: in_pieces(near, far.fine, offset, slow), envelope: envelope_match(near, far.fine, slow), level_db };
}

/** The wave as one piece, wherever it fits best: 0 to 1. Finds a faint echo that lies under another voice. */
export function whole_match(heard, spoken) {
  const near = every_other(thin_out(heard));
  return energy(near) < 1e-7 * near.length ? 0 : best_match(near, prepare(spoken).coarse).value;
}

/** How far the heard lies behind the spoken: the loudest half seconds each say where they come from, and the most agree. */
function place_of(near, far, rate) {
  const length = Math.min(near.length, Math.round(WITNESS_S * rate));
  const starts = [];
  for (let at = 0; at + length <= near.length; at += length) starts.push(at);
  const power = new Map(starts.map((at) => [at, energy(near.subarray(at, at + length))]));
  const witnesses = starts
    .sort((a, b) => power.get(b) - power.get(a))
    .slice(0, WITNESSES)
    .map((at) => ({ at, found: best_match(near.subarray(at, at + length), far) }))
    .map(({ at, found }) => ({ offset: found.lag - at, value: found.value }));
  const agreement = ({ offset }) =>
    witnesses.reduce((sum, other) => sum + (Math.abs(other.offset - offset) < DRIFT_S * rate ? other.value : 0), 0);
  return witnesses.reduce((best, one) => (agreement(one) > agreement(best) ? one : best)).offset;
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
    if (found.value > 0.6) moved = from + found.lag - at - offset;
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

/** The same, a tenth of a second at a time, on average: a tone that stumbles in a jitter buffer is still a tone. */
export function tone_presence(samples, frequency, rate = 48_000) {
  const length = rate / 10;
  let [sum, count] = [0, 0];
  for (let at = 0; at + length <= samples.length; at += length, ++count)
    sum += tone_share(samples.subarray(at, at + length), frequency, rate);
  return count > 0 ? sum / count : 0;
}
