// Real browsers against the real daemon: node tests/browser/run.mjs [WORDS OF A STORY'S NAME...]
import { machine_is_busy } from "./lib/person.mjs";
import { Stage } from "./lib/stage.mjs";
import { Skipped, stories } from "./lib/story.mjs";
import "./stories/matcher.mjs";
import "./stories/voice.mjs";
import "./stories/text.mjs";
import "./stories/order.mjs";
import "./stories/trouble.mjs";
import "./stories/access.mjs";
import "./stories/attacks.mjs";
import "./stories/terminal.mjs";
import "./stories/socket_voice.mjs";
import "./stories/firefox.mjs";
import "./stories/figures.mjs";

const wanted = process.argv.slice(2).join(" ").toLowerCase();
const chosen = stories.filter(({ name }) => name.toLowerCase().includes(wanted));
const stage = new Stage();
const count = { passed: 0, failed: 0, skipped: 0 };

for (const [index, { name, run, limit_s }] of chosen.entries()) {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  stage.room = `story-${index + 1}`;
  let timer;
  const patience_s = machine_is_busy() ? 3 * limit_s : limit_s;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${patience_s} s`)), patience_s * 1000);
  });
  try {
    await Promise.race([run(stage), limit]);
    count.passed += 1;
    console.log(`ok      ${name} (${seconds()})`);
  } catch (error) {
    const skipped = error instanceof Skipped;
    count[skipped ? "skipped" : "failed"] += 1;
    console.log(
      skipped
        ? `skipped ${name}: ${error.message}`
        : `FAILED  ${name} (${seconds()})\n    ${String(error.stack).replaceAll("\n", "\n    ")}`,
    );
    if (!skipped) await stage.failure(index + 1);
  }
  clearTimeout(timer);
  for (const note of stage.notes) console.log(`        ${note}`);
  await stage.end_story();
}
const how = await stage.close();
if (how !== undefined && how !== 0) {
  count.failed += 1;
  console.log(`FAILED  the daemon ends with 0 when asked to: it ended with ${how}`);
}
if (machine_is_busy()) console.log("the machine was busy: voices had to be known, not clear");
if (count.skipped > 0) console.log(`${count.skipped} skipped`);
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed === 0 && count.passed > 0 ? 0 : 1);
