// Figures that the run prints, each with a bound that catches a fall, not a busy machine.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { join } from "node:path";
import { ROOT } from "../lib/packages.mjs";
import { expect, story } from "../lib/story.mjs";

const JOINS = 5;
const JOIN_BOUND_MS = 3000;
const JS_BOUND_KB = 150;

story("from the click on Join call to the first sound", async (stage) => {
  const bob = await stage.enter("bob", "Join call");
  const ada = await stage.enter("ada");
  const times = [];
  for (let join = 0; join < JOINS; ++join) {
    await ada.page.evaluate(() => window.ears.time_join("Join call"));
    await ada.call.getByRole("button", { name: "Join call" }).click();
    times.push(await ada.page.evaluate(() => window.ears.joined));
    await ada.in_call();
    await ada.button("Leave call").click();
    await ada.call.getByRole("button", { name: "Join call" }).waitFor();
  }
  const median = (key) => times.map((time) => time[key]).sort((a, b) => a - b)[JOINS >> 1];
  const all = times.map(({ sound }) => sound.toFixed(0)).join(", ");
  stage.note(
    `offer ${median("offer").toFixed(0)} ms, connected ${median("connected").toFixed(0)} ms, sound ${median("sound").toFixed(0)} ms (median of ${all})`,
  );
  expect(median("sound") < JOIN_BOUND_MS, `the first sound took ${median("sound")} ms`);
});

story("what a first visit loads", async (stage) => {
  const dist = join(ROOT, "web/dist");
  const html = readFileSync(join(dist, "index.html"), "utf8");
  const size = (paths) =>
    paths.reduce((sum, path) => sum + gzipSync(readFileSync(join(dist, path)), { level: 9 }).length, 0) / 1024;
  const named = (ending) =>
    [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path).filter((path) => path.endsWith(ending));
  const js = size(named(".js"));
  expect(named(".js").length > 0 && readdirSync(dist).length > 0, "the page loads no script");
  stage.note(`JavaScript ${js.toFixed(1)} KB, style ${size(named(".css")).toFixed(1)} KB, gzipped`);
  expect(js <= JS_BOUND_KB, `${js} KB of JavaScript`);
});
