// The measure itself: it must know a voice when it hears it, and nothing else.
import { match, tone_presence, tone_share, whole_match } from "../lib/match.mjs";
import { RATE, voice_samples } from "../lib/speech.mjs";
import { expect, story } from "../lib/story.mjs";

const VOICES = ["ada", "bob", "cleo"];
const SECONDS = 4;

/** A piece of a voice from somewhere in the middle, softer, with a click and with noise. */
function overheard(voice, noise) {
  const spoken = voice_samples(voice);
  const start = RATE * 3 + 12_345;
  let seed = 7;
  return Float32Array.from({ length: SECONDS * RATE }, (_, index) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return 0.3 * spoken[(start + index) % spoken.length] + noise * (seed / 1073741824 - 1);
  });
}

story("the matcher knows each voice by itself, however late and soft it comes", async (stage) => {
  for (const voice of VOICES) {
    const heard = overheard(voice, 0.003);
    const whole = whole_match(heard, voice_samples(voice));
    const { wave, envelope } = match(heard, voice_samples(voice));
    stage.note(`${voice}: whole ${whole.toFixed(3)}, wave ${wave.toFixed(3)}, loudness ${envelope.toFixed(3)}`);
    expect(whole > 0.95 && wave > 0.95 && envelope > 0.95, `${voice} is not known`);
  }
});

story("the matcher takes nobody for another", async (stage) => {
  for (const heard of VOICES)
    for (const other of VOICES) {
      if (heard === other) continue;
      const piece = overheard(heard, 0);
      const whole = whole_match(piece, voice_samples(other));
      const { wave, envelope } = match(piece, voice_samples(other));
      stage.note(
        `${heard} as ${other}: whole ${whole.toFixed(3)}, wave ${wave.toFixed(3)}, loudness ${envelope.toFixed(3)}`,
      );
      expect(whole < 0.2 && wave < 0.3 && envelope < 0.6, `${heard} is taken for ${other}`);
    }
});

story("the matcher bears a jitter buffer that drops and doubles pieces", async (stage) => {
  const clean = overheard("ada", 0);
  const pieces = [];
  for (let at = 0; at + 12_000 <= clean.length; at += 12_000) {
    const piece = clean.subarray(at, at + 12_000);
    pieces.push(piece, ...(at % 36_000 === 0 ? [piece.subarray(11_500)] : []));
  }
  const { wave } = match(Float32Array.from(pieces.flatMap((piece) => [...piece])), voice_samples("ada"));
  stage.note(`wave ${wave.toFixed(3)}`);
  expect(wave > 0.8, `stretched speech is not known: ${wave}`);
});

story("the matcher finds a tone and hears none in speech", async () => {
  const tone = Float32Array.from({ length: RATE }, (_, index) => 0.1 * Math.sin((2 * Math.PI * 440 * index) / RATE));
  expect(tone_share(tone, 440) > 0.98, "a tone is no tone");
  expect(tone_share(tone, 1000) < 0.01, "a tone is another tone");
  const most = Math.max(...[440, 1000].map((pitch) => tone_presence(voice_samples("bob"), pitch)));
  expect(most < 0.1, `speech is a tone: ${most}`);
});
