// The terminal client beside browsers, in one room.
import { best_channel, expect_heard } from "../lib/person.mjs";
import { Terminal } from "../lib/terminal.mjs";
import { expect, story } from "../lib/story.mjs";

/** Both others speak all the time, so each is at most 0.7 of what is heard; strangers reach 0.3. */
const ONE_OF_TWO_WAVE = 0.45;
const LISTEN_MS = 6000;
const PIECE = 4 * 48_000;

/** The best match of the voice in any piece of a long recording. */
function best_piece(heard, voice) {
  let best = { wave: 0, level_db: -120 };
  for (let at = 0; at + PIECE <= heard.length && best.wave < ONE_OF_TWO_WAVE; at += PIECE >> 1) {
    const found = best_channel([heard.subarray(at, at + PIECE)], voice);
    if (found.wave > best.wave) best = found;
  }
  return best;
}

story("two terminals and a browser hear and read one another", async (stage) => {
  const bob = await stage.enter("bob", "Join call");
  const [ada, cleo] = await Promise.all(
    ["ada", "cleo"].map(async (voice) => {
      const terminal = new Terminal(await stage.url(), `T${voice}`, voice);
      stage.closers.push(async () => terminal.close());
      await terminal.reads("You are in the call");
      return terminal;
    }),
  );
  ada.says("good evening from a terminal");
  await bob.reads("good evening from a terminal");
  await cleo.reads("<Tada> good evening from a terminal");
  await bob.says("good evening from a browser");
  await Promise.all([ada, cleo].map((terminal) => terminal.reads("good evening from a browser")));
  await bob.person("Tada").waitFor();
  await expect_heard(stage, [[bob, "ada", "cleo"]]);
  await bob.page.waitForTimeout(LISTEN_MS);
  for (const [terminal, voices] of [
    [ada, ["bob", "cleo"]],
    [cleo, ["bob", "ada"]],
  ]) {
    const { code, heard } = await terminal.leave();
    expect(code === 0, `${terminal.name} ended with ${code}: ${terminal.errors}`);
    for (const voice of voices) {
      const { wave, level_db } = best_piece(heard, voice);
      stage.note(`${terminal.name} hears ${voice}: wave ${wave.toFixed(3)} in ${level_db.toFixed(0)} dB`);
      expect(wave >= ONE_OF_TWO_WAVE, `${terminal.name} does not hear ${voice}`);
    }
  }
  await bob.person("Tada").waitFor({ state: "detached" });
});
