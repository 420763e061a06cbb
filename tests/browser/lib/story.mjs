// A story is a test: a sentence and what proves it. The runner tells them in the order in which they were written.
export class Skipped extends Error {}

export const stories = [];

/** `run` gets the stage (lib/stage.mjs). It fails by throwing, and steps aside by throwing Skipped. */
export function story(name, run, { limit_s = 45 } = {}) {
  stories.push({ name, run, limit_s });
}

export function expect(condition, sentence) {
  if (!condition) throw new Error(sentence);
}

/** For what the page does not announce (a metric, a file): asks again until it is true, and says what it waited for. */
export async function eventually(question, sentence, within_ms = 10_000) {
  const until = performance.now() + within_ms;
  let last;
  while (performance.now() < until) {
    last = await question();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${sentence} (not within ${within_ms} ms)`);
}
