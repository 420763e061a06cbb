// Draws every screen in both sizes and both colours into build/screens/: node tests/browser/screens.mjs [LOOK [order]]
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./lib/packages.mjs";
import { PlainSocket } from "./lib/plain.mjs";
import { Proxy } from "./lib/proxy.mjs";
import { Stage } from "./lib/stage.mjs";

const FOLDER = join(ROOT, "build/screens");
const DESK = { size: [1440, 900] };
const PHONE = { size: [390, 844], isMobile: true, hasTouch: true, deviceScaleFactor: 2 };
const LOOKS = {
  "desk-light": DESK,
  "desk-dark": { ...DESK, dark: true },
  "phone-light": PHONE,
  "phone-dark": { ...PHONE, dark: true },
};
const TALK = [
  ["ada", "did anybody bring the **map** from last week?"],
  ["bob", "I think it is on the shelf. There is a copy at https://example.org/maps/north too"],
  ["bob", "and do not forget:\n- torches\n- rope\n- something to eat"],
  ["ada", "found it. The gate opens with `open --slowly`:\n```\n$ open --slowly\ncreak\n```"],
  ["bob", "> found it\n\nyou are a _hero_"],
  [
    "ada",
    "We start when everybody has tea. Whoever is late brings biscuits: that is the rule, and it has always been the rule.",
  ],
];

const stage = new Stage();
mkdirSync(FOLDER, { recursive: true });
const daemon = await stage.daemon();

async function draw(look, options) {
  stage.room = look;
  const shot = async (person, name) => {
    await person.page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== "running"));
    await person.page.screenshot({ path: join(FOLDER, `${look}-${name}.png`) });
  };
  const cleo = await stage.arrive("cleo", options);
  const proxy = await Proxy.start(daemon.ports.web);
  stage.closers.push(() => proxy.close());
  await cleo.page.goto(`${proxy.url}/r/${look}`);
  await cleo.field("Your name").waitFor();
  await shot(cleo, "01-join");
  await cleo.button("Check mic").click();
  await cleo.page.getByText("We hear you").waitFor();
  await cleo.field("Your name").fill(cleo.name);
  await shot(cleo, "02-join-microphone");
  await cleo.button("Chat only").click();
  await cleo.log.waitFor();
  await shot(cleo, "04-room-empty");

  const denied = await stage.arrive("denied", options);
  await denied.page.goto(`${daemon.url}/r/${look}`);
  await denied.field("Your name").fill(denied.name);
  await denied.button("Join call").click();
  await denied.page.getByRole("main").getByText("Microphone blocked").waitFor();
  await shot(denied, "03-join-blocked");

  const people = { ada: await stage.enter("ada", "Join call"), bob: await stage.enter("bob", "Join call") };
  const plain = await PlainSocket.connect(daemon.ports["plain-text"]);
  stage.closers.push(async () => plain.close());
  for (const [voice, text] of TALK) {
    await people[voice].says(text);
    await cleo.log
      .getByRole("article")
      .nth(TALK.indexOf(TALK.find((line) => line[1] === text)))
      .waitFor();
  }
  await cleo.call.getByRole("button", { name: "Join call" }).click();
  await cleo.in_call();
  await cleo.hears_somebody();
  await people.bob.button("Mute").click();
  await people.ada.page.getByRole("textbox", { name: /^Message #/ }).pressSequentially("when do we", { delay: 20 });
  await cleo.page.getByText(/is typing/).waitFor();
  await shot(cleo, "05-call-of-three");
  const show_people = cleo.page.getByRole("button", { name: /Show who is here/ });
  if (!(await cleo.page.getByRole("list", { name: "People" }).isVisible())) {
    await show_people.click();
    await shot(cleo, "06-people");
    await cleo.page.keyboard.press("Escape");
  }
  await cleo.page.keyboard.press("Control+/");
  await cleo.page.getByRole("dialog").waitFor();
  await shot(cleo, "07-shortcuts");
  await cleo.page.keyboard.press("Escape");
  if (await cleo.button("Show rooms").isVisible()) {
    await cleo.button("Show rooms").click();
    await shot(cleo, "08-rooms");
  }
  await cleo.button("New room").click();
  await cleo.field("Room name").waitFor();
  await shot(cleo, "09-new-room");
  await cleo.page.keyboard.press("Escape");
  await cleo.button("Settings").click();
  for (const tab of await cleo.page.getByRole("tab").all()) {
    await tab.click();
    await shot(cleo, `10-settings-${(await tab.innerText()).toLowerCase()}`);
  }
  await cleo.page.keyboard.press("Escape");
  proxy.refuse();
  await cleo.page.getByRole("alert").filter({ hasText: "Reconnecting" }).waitFor({ state: "attached" });
  await shot(cleo, "11-reconnecting");
}

/** The keeper's menu, his question, and what the one who must go sees. */
async function draw_order(look, options) {
  stage.room = `${look}-order`;
  const shot = async (person, name) => {
    await person.page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== "running"));
    await person.page.screenshot({ path: join(FOLDER, `${look}-${name}.png`) });
  };
  const cleo = await stage.enter("cleo", "Chat only", options);
  const bob = await stage.enter("bob", "Join call", options);
  if (!(await cleo.page.getByRole("list", { name: "People" }).isVisible()))
    await cleo.page.getByRole("button", { name: /Show who is here/ }).click();
  await cleo.person(bob.name).hover();
  await shot(cleo, "12-people-of-the-keeper");
  await cleo.button(`Manage ${bob.name}`).click();
  await cleo.page.getByRole("dialog").waitFor();
  await shot(cleo, "13-manage");
  await cleo.button("Mute").click();
  await bob.page.getByText(/^Muted by/).first().waitFor();
  await shot(bob, "14-muted-by");
  await cleo.button(`Manage ${bob.name}`).click();
  await cleo.button("Remove…").click();
  await cleo.page.getByRole("dialog").getByRole("textbox").fill("Too loud");
  await shot(cleo, "15-remove");
  await cleo.button(`Remove ${bob.name}`).click();
  await bob.page.getByRole("heading", { name: "You have been removed." }).waitFor();
  await shot(bob, "16-removed");
}

const only_order = process.argv[3] === "order";
for (const [look, options] of Object.entries(LOOKS).filter(([name]) => name.includes(process.argv[2] ?? ""))) {
  for (const scene of only_order ? [draw_order] : [draw, draw_order])
    await scene(look, options).catch((error) => {
      console.log(`${look}: ${error.stack}`);
      process.exitCode = 1;
    });
  for (const person of stage.people)
    for (const complaint of person.complaints) console.log(`${look}, ${person.name}: ${complaint}`);
  await stage.end_story();
}
await stage.close();
process.exit();
