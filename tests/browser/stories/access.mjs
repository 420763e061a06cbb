// For everybody: keyboards, screen readers, small screens, both colours.
import { readFileSync } from "node:fs";
import { require_web } from "../lib/packages.mjs";
import { expect, story } from "../lib/story.mjs";
import { expect_heard } from "../lib/person.mjs";

const AXE = readFileSync(require_web.resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PHONE = { size: [390, 844], isMobile: true, hasTouch: true };

async function expect_accessible(person, screen) {
  await person.page.evaluate(AXE);
  // What is still fading in has the contrast of what is half there.
  await person.page.waitForFunction(() =>
    document.getAnimations().every(({ playState }) => playState !== "running" || false),
  );
  const { violations } = await person.page.evaluate((rules) => window.axe.run(document, { runOnly: rules }), RULES);
  const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`);
  expect(said.length === 0, `${screen}: ${said.join("; ")}`);
}

async function expect_no_sideways(person, screen) {
  const { scroll, client } = await person.page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    client: document.documentElement.clientWidth,
  }));
  expect(scroll <= client, `${screen} scrolls sideways: ${scroll} in ${client} pixels`);
}

/** Every screen that one person can reach; `look` is called at each. */
async function through_all_screens(stage, person, look) {
  await person.page.goto(await stage.url());
  await person.field("Your name").waitFor();
  await look("join");
  await person.button("Join call").click();
  await person.page.getByText("Please give a name").waitFor();
  await look("join without a name");
  await person.field("Your name").fill(person.name);
  await person.button("Chat only").click();
  await person.log.waitFor();
  await look("empty room");
  await person.says("a line with `code`, **weight** and https://example.org/");
  await person.reads("a line with");
  await look("room");
  await person.call.getByRole("button", { name: "Join call" }).click();
  await person.in_call();
  await look("call");
  const people = person.page.getByRole("button", { name: /Show who is here/ });
  if (!(await person.page.getByRole("list", { name: "People" }).isVisible())) {
    await people.click();
    await look("people");
    await person.page.keyboard.press("Escape");
  }
  await person.page.keyboard.press("Control+/");
  await person.page.getByRole("dialog").waitFor();
  await look("keys");
  await person.page.keyboard.press("Escape");
  const menu = person.button("Show rooms");
  if (await menu.isVisible()) {
    await menu.click();
    await look("rooms");
  }
  await person.button("New room").click();
  await person.field("Room name").waitFor();
  await look("new room");
  await person.page.keyboard.press("Escape");
  await person.button("Settings").click();
  for (const tab of await person.page.getByRole("tab").all()) {
    await tab.click();
    await look(`settings: ${await tab.innerText()}`);
  }
}

for (const [what, options] of [
  ["in the light", {}],
  ["in the dark", { dark: true }],
  ["on a phone in the light", PHONE],
  ["on a phone in the dark", { ...PHONE, dark: true }],
])
  story(`axe finds nothing on any screen ${what}`, async (stage) => {
    const ada = await stage.arrive("ada", options);
    await through_all_screens(stage, ada, (screen) => expect_accessible(ada, screen));
  });

story("at 320 pixels nothing scrolls sideways on any screen", async (stage) => {
  const ada = await stage.arrive("ada", { size: [320, 640] });
  await through_all_screens(stage, ada, (screen) => expect_no_sideways(ada, screen));
});

story("on a phone one joins, talks and writes", async (stage) => {
  const [ada, bob] = await Promise.all([stage.enter("ada", "Join call", PHONE), stage.enter("bob", "Join call")]);
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  await expect_heard(stage, [
    [ada, "bob"],
    [bob, "ada"],
  ]);
  await ada.says("sent from a phone");
  await bob.reads("sent from a phone");
  for (const name of ["Mute", "Leave call"]) {
    const box = await ada.button(name).boundingBox();
    expect(box.width >= 44 && box.height >= 44, `${name} is ${box.width} by ${box.height} pixels`);
    expect(box.y + box.height <= 844 && box.x + box.width <= 390, `${name} lies outside of the screen`);
  }
});

/** Tab until the focus is on it. */
async function tab_to(person, role, name) {
  const wanted = person.page.getByRole(role, { name, exact: true });
  for (let press = 0; press < 40; ++press) {
    if ((await wanted.count()) === 1 && (await wanted.evaluate((element) => element === document.activeElement)))
      return;
    await person.page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not reach ${role} ${name}`);
}

story("with the keyboard alone one joins, mutes, writes and leaves", async (stage) => {
  const bob = await stage.enter("bob", "Join call");
  const ada = await stage.arrive("ada");
  await ada.page.goto(await stage.url());
  await tab_to(ada, "textbox", "Your name");
  await ada.page.keyboard.type(ada.name);
  await tab_to(ada, "button", "Join call");
  await ada.page.keyboard.press("Enter");
  await ada.in_call();
  await tab_to(ada, "textbox", `Message #${stage.room}`);
  await ada.page.keyboard.type("no mouse here");
  await ada.page.keyboard.press("Enter");
  await bob.reads("no mouse here");
  await tab_to(ada, "button", "Mute");
  await ada.page.keyboard.press("Space");
  await bob.person(ada.name).getByText("muted").waitFor();
  await tab_to(ada, "button", "Leave call");
  await ada.page.keyboard.press("Enter");
  await bob.person(ada.name).getByText("In call").waitFor({ state: "detached" });
  await tab_to(ada, "button", "Join call");
});
