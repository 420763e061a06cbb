// Connections that break, servers that restart.
import { Proxy } from "../lib/proxy.mjs";
import { expect, story } from "../lib/story.mjs";
import { expect_heard } from "../lib/person.mjs";

/** Ada sits behind a hop that can be cut, Bob does not. */
async function through_proxy(stage, as) {
  const daemon = await stage.daemon();
  const proxy = await Proxy.start(daemon.ports.web);
  stage.closers.push(() => proxy.close());
  const ada = await stage.arrive("ada");
  await ada.enter(`${proxy.url}/r/${stage.room}`, as);
  return { ada, bob: await stage.enter("bob", as), proxy };
}

/** The region for screen readers is there for nobody's eyes. */
function said_assertively(person, text) {
  return person.page.getByRole("alert").filter({ hasText: text }).waitFor({ state: "attached" });
}

async function each_line_once(person, lines) {
  for (const line of lines) await person.reads(line);
  const found = (await person.texts())
    .map((text) => /line \d+ of \w+/.exec(text)?.[0])
    .filter((text) => text !== undefined);
  expect(
    found.length === lines.length,
    `${person.name} sees ${found.length} lines instead of ${lines.length}: ${found.join(", ")}`,
  );
}

story("a cut connection comes back, and each message is there exactly once", async (stage) => {
  const { ada, bob, proxy } = await through_proxy(stage, "Chat only");
  await ada.says("line 1 of ada");
  await bob.reads("line 1 of ada");
  proxy.refuse();
  await ada.page.getByText("Reconnecting").first().waitFor();
  await said_assertively(ada, "Reconnecting");
  await ada.says("line 2 of ada");
  for (const text of ["line 3 of bob", "line 4 of bob"]) {
    await bob.says(text);
    await bob.reads(text);
  }
  proxy.pass();
  const all = ["line 1 of ada", "line 2 of ada", "line 3 of bob", "line 4 of bob"];
  await Promise.all([ada, bob].map((person) => each_line_once(person, all)));
  await said_assertively(ada, "Connected again");
});

story("a message whose answer was lost on the way is there exactly once", async (stage) => {
  const { ada, bob, proxy } = await through_proxy(stage, "Chat only");
  await ada.says("line 1 of ada");
  await bob.reads("line 1 of ada");
  proxy.swallow_answers();
  await ada.says("line 2 of ada");
  await bob.reads("line 2 of ada");
  proxy.refuse();
  await ada.page.getByText("Reconnecting").first().waitFor();
  proxy.pass();
  await Promise.all([ada, bob].map((person) => each_line_once(person, ["line 1 of ada", "line 2 of ada"])));
  await ada.log.getByText("Sending").waitFor({ state: "detached" });
});

story("the voice goes on while the page's connection is cut", async (stage) => {
  const { ada, bob, proxy } = await through_proxy(stage, "Join call");
  await bob.hears_somebody();
  proxy.refuse();
  await ada.page.getByText("Reconnecting").first().waitFor();
  await expect_heard(stage, [[bob, "ada"]]);
  proxy.pass();
  await said_assertively(ada, "Connected again");
  await ada.button("Leave call").waitFor();
  await expect_heard(stage, [[ada, "bob"]]);
});

story("a call comes back by itself after the server was restarted", async (stage) => {
  const daemon = await stage.own_daemon();
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.arrive(voice)));
  await Promise.all([ada, bob].map((person) => person.enter(`${daemon.url}/r/phoenix`, "Join call")));
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  await daemon.stop();
  await ada.page
    .getByText(/Server restarting|Reconnecting/)
    .first()
    .waitFor();
  await daemon.start();
  const began = performance.now();
  await Promise.all(
    [ada, bob].map((person) =>
      person.page.waitForFunction(() => window.ears.peers.length > 1, undefined, { timeout: 20_000 }),
    ),
  );
  await Promise.all([ada, bob].map((person) => person.in_call()));
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  stage.note(`heard again ${((performance.now() - began) / 1000).toFixed(1)} s after the server was back`);
  await expect_heard(stage, [
    [ada, "bob"],
    [bob, "ada"],
  ]);
});
