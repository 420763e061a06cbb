// What only a browser can show of the client, against the stand-in server. Needs `npm run build` first.
// node test/browser/run.mjs [WORDS OF A TEST'S NAME]; with the real daemon and real voices: tests/browser in the repository's root.
import assert from "node:assert/strict";
import { FakeServer } from "../fake_server.mjs";
import { axe, enter, launch, new_page, voice_peer } from "./stage.mjs";

const tests = [];
const test = (name, body, options = {}) => tests.push({ name, body, options });
const wanted = process.argv.slice(2).join(" ");

const log_of = (page, room = "#lobby") => page.getByRole("log", { name: `Messages in ${room}` });
const field_of = (page, room = "#lobby") => page.getByRole("textbox", { name: `Message ${room}` });
async function say(page, text, room) {
  await field_of(page, room).fill(text);
  await field_of(page, room).press("Enter");
}
async function until(what, check, ms = 15_000) {
  const end = Date.now() + ms;
  for (;;) {
    if (await check()) return;
    if (Date.now() > end) assert.fail(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const words_of = async (page, role) => ((await page.getByRole(role).textContent()) ?? "").trim();
/** `getUserMedia` rejects with this name, and counts how often it was asked. */
const with_microphone = (page, name) =>
  page.addInitScript((error) => {
    window.asked = 0;
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = (how) => {
      window.asked += 1;
      return error === "" ? real(how) : Promise.reject(new DOMException("no", error));
    };
  }, name);

test("the join screen asks for nothing before it is told to, and has its names", async ({ open }) => {
  const page = await open();
  await with_microphone(page, "");
  await page.goto(page.url_of("/r/maps"));
  for (const name of ["Join call", "Listen only", "Chat only"]) await page.getByRole("button", { name }).waitFor();
  for (const name of ["Microphone", "Speaker", "Camera"]) await page.getByRole("combobox", { name }).waitFor();
  await page.getByRole("heading", { name: "#maps" }).waitFor();
  assert.equal(await page.evaluate(() => window.asked), 0);
  await page.getByRole("button", { name: "Check mic" }).click();
  await page.getByRole("img", { name: "Microphone level" }).waitFor();
  assert.equal(await page.evaluate(() => window.asked), 1);
  await until("the meter moves", () =>
    page
      .getByRole("img", { name: "Microphone level" })
      .evaluate((meter) => Number(meter.style.getPropertyValue("--level")) > 0.2),
  );
  await page.getByText("We hear you").waitFor();
});

test("a microphone that was only checked is closed for one who comes to read", async ({ open }) => {
  const page = await open();
  await page.addInitScript(() => {
    const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (how) => (window.stream = await real(how));
  });
  await page.goto(page.url_of("/"));
  await page.getByRole("button", { name: "Check mic" }).click();
  await page.getByRole("img", { name: "Microphone level" }).waitFor();
  await page.getByRole("textbox", { name: "Your name" }).fill("Mika");
  await page.getByRole("button", { name: "Chat only" }).click();
  await field_of(page).waitFor();
  assert.equal(await page.evaluate(() => window.stream.getTracks()[0].readyState), "ended");
});

test("joining needs no mouse", async ({ open }) => {
  const page = await open();
  await page.goto(page.url_of("/"));
  await page.getByRole("textbox", { name: "Your name" }).waitFor();
  await page.keyboard.type("Mika");
  for (let step = 0; step < 12; ++step) {
    await page.keyboard.press("Tab");
    if (await page.getByRole("button", { name: "Chat only" }).evaluate((button) => button === document.activeElement))
      break;
  }
  await page.keyboard.press("Enter");
  await field_of(page).waitFor();
  assert.equal(new URL(page.url()).pathname, "/r/lobby");
});

test("a name is asked for, and a taken one comes with a free one", async ({ open, server }) => {
  const first = await open();
  await enter(first, first.url_of("/"), "Ana");
  const page = await open();
  await page.goto(page.url_of("/"));
  await page.getByRole("button", { name: "Chat only" }).click();
  await page.getByText("Please give a name").waitFor();
  await page.getByRole("textbox", { name: "Your name" }).fill("Ana");
  await page.getByRole("button", { name: "Chat only" }).click();
  await page.getByRole("button", { name: "Take Ana2" }).click();
  await page.getByRole("button", { name: "Chat only" }).click();
  await field_of(page).waitFor();
  assert.equal([...server.room("#lobby").people.values()].length, 2);
});

for (const [error, title] of [
  ["NotAllowedError", "Microphone blocked"],
  ["NotFoundError", "No microphone found"],
  ["NotReadableError", "The microphone is in use"],
]) {
  test(`${error} is told in words, and listening stays possible`, async ({ open }) => {
    const page = await open();
    await with_microphone(page, error);
    await page.goto(page.url_of("/"));
    await page.getByRole("textbox", { name: "Your name" }).fill("Mika");
    await page.getByRole("button", { name: "Join call" }).click();
    await page.getByText(title, { exact: true }).first().waitFor();
    await until("it is announced", async () => (await words_of(page, "alert")).includes(title));
    assert.deepEqual(await axe(page), []);
    await page.getByRole("button", { name: "Chat only" }).click();
    await field_of(page).waitFor();
  });
}

test("plain http says why there is no microphone", async ({ open }) => {
  const page = await open();
  await page.addInitScript(() => Object.defineProperty(window, "isSecureContext", { value: false }));
  await page.goto(page.url_of("/"));
  await page.getByRole("button", { name: "Check mic" }).click();
  await page.getByText("This address is plain http.").waitFor();
});

test("text goes both ways, once each, through a cut connection", async ({ open, server }) => {
  const [ana, bo] = [await open(), await open()];
  await enter(ana, ana.url_of("/"), "Ana");
  await enter(bo, bo.url_of("/"), "Bo");
  await say(ana, "one **bold** word");
  await log_of(bo).locator("strong", { hasText: "bold" }).waitFor();
  server.cut();
  await until("it is announced", async () => (await words_of(ana, "alert")).includes("Reconnecting"));
  await say(ana, "written while away");
  await log_of(bo).getByText("written while away").waitFor();
  await log_of(ana).getByText("written while away").waitFor();
  await until("nothing is still being sent", async () => (await ana.getByText("Sending…").count()) === 0);
  for (const page of [ana, bo]) assert.equal(await page.getByText("written while away").count(), 1);
  assert.equal(server.room("#lobby").messages.length, 2);
});

test("a refused message stays, and goes again under the same id", async ({ open, server }) => {
  const page = await open();
  await enter(page, page.url_of("/"), "Ana");
  server.refuse_say = true;
  await say(page, "too much");
  await page.getByText("That was too much at once.").waitFor();
  server.refuse_say = false;
  await page.getByRole("button", { name: "Send again" }).click();
  await until("it arrived", () => server.room("#lobby").messages.length === 1);
  assert.equal(await log_of(page).getByText("too much").count(), 1);
});

test("a reloaded page keeps its name; a second window takes over and can be taken back", async ({ open, server }) => {
  const page = await open();
  await enter(page, page.url_of("/"), "Ana");
  await page.reload();
  assert.equal(await page.getByRole("textbox", { name: "Your name" }).inputValue(), "Ana");
  await page.getByRole("button", { name: "Chat only" }).click();
  await field_of(page).waitFor();
  const [member] = server.members.values();
  member.send({ type: "closing", reason: "replaced", text: "Elsewhere." });
  await page.getByRole("dialog", { name: "Open in another window" }).waitFor();
  await page.getByRole("button", { name: "Use here" }).click();
  await until("it is back", async () => (await page.getByRole("dialog").count()) === 0);
  assert.equal(server.members.size, 1);
});

test("rooms are made, looked at with the keyboard, and counted while one looks away", async ({ open, server }) => {
  const page = await open();
  await enter(page, page.url_of("/"), "Ana");
  await page.getByRole("button", { name: "New room" }).click();
  await page.getByRole("textbox", { name: "Room name" }).fill("maps");
  await page.getByRole("button", { name: "Create" }).click();
  await field_of(page, "#maps").waitFor();
  assert.equal(new URL(page.url()).pathname, "/r/maps");
  const bo = server.add_person("#lobby", { name: "Bo" });
  server.post("#lobby", bo, "hello @Ana");
  server.post("#lobby", bo, "are you there?");
  await page.getByRole("button", { name: /#lobby.*2 unread, 1 mention/ }).waitFor();
  await until("the title counts", async () => (await page.title()).startsWith("(2)"));
  await page.keyboard.press("Alt+ArrowUp");
  await field_of(page, "#lobby").waitFor();
  await page.getByRole("heading", { name: "New", exact: true }).waitFor();
  await until("it is read", async () => !(await page.title()).startsWith("("));
});

test("history comes page by page, and what is read stays under the eye", async ({ open, server }) => {
  const bo = server.add_person("#lobby", { name: "Bo" });
  for (let number = 1; number <= 250; ++number) {
    server.post(
      "#lobby",
      bo,
      `message ${number}${number % 7 === 0 ? "\n\nwith\n\nmany lines" : ""}`,
      Date.now() - (300 - number) * 90_000,
    );
  }
  const page = await open();
  await enter(page, page.url_of("/"), "Ana");
  await log_of(page).getByText("message 250", { exact: true }).waitFor();
  const log = log_of(page);
  const bottom = () => log.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
  await until("the end is in view", async () => (await bottom()) < 2);
  await log.evaluate((element) => element.scrollTo(0, 300));
  const mark = log.getByText("message 153", { exact: true });
  await mark.waitFor();
  // Rows that come into view are drawn in the next frame, at their true heights.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const before = await mark.evaluate((element) => element.getBoundingClientRect().top);
  await log.getByText("message 100", { exact: true }).waitFor({ state: "attached" });
  await page.waitForTimeout(300);
  const after = await mark.evaluate((element) => element.getBoundingClientRect().top);
  assert.ok(Math.abs(after - before) < 3, `moved by ${after - before} px`);
  await page.getByRole("button", { name: "Newest messages" }).click();
  await until("the end is in view again", async () => (await bottom()) < 2);
});

test("no words of others become a page's own", async ({ open, server }) => {
  const evil = server.add_person("#lobby", { name: '<img src=x onerror="boom()">', client: "irc" });
  server.room("#lobby").topic = '"><script>boom()</script>';
  for (const text of [
    "<script>boom()</script>",
    "<img src=x onerror=boom()>",
    "[x](javascript:boom())",
    "![x](x onerror=boom())",
    "<svg/onload=boom()>",
    '[x](https://e.example/"onclick="boom())',
    "`<img src=x onerror=boom()>`",
    "<a href=javascript:boom()>x</a>",
    "\u202etfel ot thgir",
  ]) {
    server.post("#lobby", evil, text);
  }
  const page = await open();
  await page.addInitScript(() => (window.boom = () => (window.exploded = true)));
  await enter(page, page.url_of("/"), "Ana");
  await log_of(page).getByText("<svg/onload=boom()>").waitFor();
  for (const link of await log_of(page).getByRole("link").all()) {
    assert.match((await link.getAttribute("href")) ?? "", /^https?:/);
    await link.evaluate((element) => element.setAttribute("target", "_self"));
  }
  assert.equal(await log_of(page).locator("img, script").count(), 0);
  assert.equal(await page.evaluate(() => window.exploded), undefined);
});

async function in_call(stage, { mode = "open", size } = {}) {
  const { server } = stage;
  const peer_page = await stage.open();
  await peer_page.goto(peer_page.url_of("/favicon.svg"));
  const peer = await voice_peer(peer_page);
  const page = await stage.open(size === undefined ? {} : { size });
  await page.addInitScript((voice_mode) => {
    // What sounds, and how loud, where a test can see it.
    window.sounds = [];
    window.gains = [];
    const RealAudio = window.Audio;
    window.Audio = function () {
      const sound = new RealAudio();
      window.sounds.push(sound);
      return sound;
    };
    const create = AudioContext.prototype.createGain;
    AudioContext.prototype.createGain = function () {
      const node = create.call(this);
      window.gains.push(node);
      return node;
    };
    localStorage.setItem("earshot.preferences", JSON.stringify({ mode: voice_mode, release_ms: 0 }));
  }, mode);
  const ana = server.add_person("#lobby", { name: "Ana", in_call: true });
  let calls = 0;
  server.call = async ({ request, room }) => ({
    type: "call_offer",
    request,
    call: ++calls,
    room,
    sdp: await peer.offer(calls),
  });
  server.answered = ({ type, call, sdp }) => {
    if (type === "call_answer") void peer.answer(call, sdp);
  };
  await enter(page, page.url_of("/"), "Mika", "Join call");
  await page.getByRole("button", { name: "Leave call" }).waitFor();
  server.tell("#lobby", { type: "call_slots", room: "#lobby", slots: [{ slot: 0, member: ana.member }] });
  await until("the call stands", async () => (await words_of(page, "status")).includes("You are in the call"));
  return { page, peer, ana, calls: () => calls };
}

test("a call: the bar, the ring, mute, deafen, leave", async (stage) => {
  const { page, peer, ana } = await in_call(stage);
  await until("the voice arrives", async () => (await peer.received(1)) > 20);
  const entry = page.getByRole("list", { name: "People" }).getByRole("listitem").filter({ hasText: "Ana" });
  await entry.getByText("Speaking").waitFor();
  await until("the ring follows the level", () =>
    entry.locator(".ring").evaluate((ring) => Number(ring.style.getPropertyValue("--level")) > 0.3),
  );
  for (const name of ["Camera", "Share screen"]) {
    assert.equal(await page.getByRole("button", { name }).getAttribute("aria-pressed"), "false");
  }
  const mute = page.getByRole("button", { name: "Mute", exact: true });
  await mute.click();
  assert.equal(await mute.getAttribute("aria-pressed"), "true");
  await page.getByRole("button", { name: "Deafen" }).click();
  const silent = (value) => page.evaluate((muted) => window.sounds.every((sound) => sound.muted === muted), value);
  await until("nothing is heard", () => silent(true));
  await page.keyboard.press("Control+Shift+D");
  assert.equal(await page.getByRole("button", { name: "Deafen" }).getAttribute("aria-pressed"), "false");
  assert.equal(await mute.getAttribute("aria-pressed"), "true");
  assert.equal(await page.evaluate(() => window.sounds.length), 8);
  await until("all is heard again", () => silent(false));
  stage.server.change_person("#lobby", { ...ana, muted: true });
  await page.getByText("Ana, muted").waitFor();
  await page.getByRole("button", { name: "Leave call" }).click();
  await page.getByRole("button", { name: "Join call" }).waitFor();
});

test("a volume is remembered, and louder than it came goes through a gain", async (stage) => {
  const { page } = await in_call(stage);
  const slider = page.getByRole("slider", { name: "Volume of Ana" });
  await slider.fill("150");
  const gains = () => page.evaluate(() => window.gains.map(({ gain }) => gain.value));
  await until("it is amplified", async () => (await gains()).includes(1.5));
  assert.equal(await page.evaluate(() => window.sounds.filter(({ muted }) => muted).length), 1);
  await until("it is kept", () =>
    page.evaluate(() => (localStorage.getItem("earshot.preferences") ?? "").includes('"ana":1.5')),
  );
  await page.getByRole("button", { name: "Reset volume of Ana" }).click();
  assert.equal(await slider.inputValue(), "100");
  await until("it is as it came", async () => !(await gains()).includes(1.5));
  await slider.fill("40");
  await until("it is softer", () => page.evaluate(() => window.sounds[0].volume === 0.4));
});

test("push to talk sends only while Space is held, and closes when the window is left", async (stage) => {
  const { page } = await in_call(stage, { mode: "ptt" });
  const talking = () => page.getByText("Talking…").count();
  await log_of(page).focus();
  assert.equal(await talking(), 0);
  await page.keyboard.down("Space");
  await until("the gate is open", async () => (await talking()) === 1);
  await page.keyboard.up("Space");
  await until("the gate is closed", async () => (await talking()) === 0);
  await page.keyboard.down("Space");
  await until("the gate is open", async () => (await talking()) === 1);
  await page.evaluate(() => window.dispatchEvent(new Event("blur")));
  await until("it closes with the focus", async () => (await talking()) === 0);
  await page.keyboard.up("Space");
  await field_of(page).focus();
  await page.keyboard.press("Space");
  assert.equal(await talking(), 0);
  assert.equal(await field_of(page).inputValue(), " ");
  await log_of(page).focus();
  await page.keyboard.down("Space");
  await until("the gate is open", async () => (await talking()) === 1);
  stage.server.cut();
  await until("it closes with the connection", async () => (await talking()) === 0);
});

test("a call whose path breaks is joined again", async (stage) => {
  const { page, peer, calls } = await in_call(stage);
  await peer.break(1);
  await until("a second call stands", async () => calls() >= 2 && (await peer.received(calls())) > 0, 20_000);
  assert.equal(await page.getByRole("button", { name: "Leave call" }).count(), 1);
});

test("keys: landmarks, help, the switcher, single letters only where nobody types", async (stage) => {
  const { page } = await in_call(stage);
  const mute = page.getByRole("button", { name: "Mute", exact: true });
  await field_of(page).focus();
  await page.keyboard.type("m");
  assert.equal(await mute.getAttribute("aria-pressed"), "false");
  const places = [];
  for (let step = 0; step < 4; ++step) {
    await page.keyboard.press("F6");
    places.push(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")));
  }
  assert.deepEqual(new Set(places), new Set(["Rooms", "Messages in #lobby", "Who is here", "Call"]));
  await page.keyboard.press("m");
  assert.equal(await mute.getAttribute("aria-pressed"), "true");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys and commands" }).waitFor();
  await page.keyboard.press("m");
  assert.equal(await mute.getAttribute("aria-pressed"), "true");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("harbour");
  await page.keyboard.press("Enter");
  await field_of(page, "#harbour").waitFor();
});

test("commands act, unknown ones are told of", async ({ open, server }) => {
  const page = await open();
  await enter(page, page.url_of("/"), "Ana");
  await say(page, "/topic Tea at four");
  await until("the topic is set", () => server.room("#lobby").topic === "Tea at four");
  await say(page, "/nick Ana Lovelace");
  await page.getByRole("navigation", { name: "Rooms" }).getByText("Ana Lovelace").waitFor();
  await say(page, "/dance");
  await page.getByText("Unknown command /dance, type /help").first().waitFor();
  await field_of(page).fill("");
  await say(page, "//literal");
  await log_of(page).getByText("/literal", { exact: true }).waitFor();
});

test("a direct message stays between two", async ({ open }) => {
  const [ana, bo] = [await open(), await open()];
  await enter(ana, ana.url_of("/"), "Ana");
  await enter(bo, bo.url_of("/"), "Bo");
  await say(ana, "/msg Bo psst");
  await bo.getByRole("button", { name: /^A?\s*Ana ?, 1 unread/ }).click();
  await bo.getByRole("log", { name: "Messages with Ana" }).getByText("psst").waitFor();
  await ana.getByRole("log", { name: "Messages with Bo" }).getByText("psst").waitFor();
});

test("nothing is wider than a narrow window", async (stage) => {
  const { page } = await in_call(stage, { size: [320, 640] });
  const too_wide = () => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(await too_wide(), false);
  for (const name of ["Show rooms", /Show who is here/]) {
    await page.getByRole("button", { name }).click();
    assert.equal(await too_wide(), false);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press("Escape");
  }
});

for (const dark of [false, true]) {
  test(`axe finds nothing, ${dark ? "dark" : "light"}`, async ({ open, server }) => {
    const page = await open({ dark });
    await page.goto(page.url_of("/"));
    assert.deepEqual(await axe(page), []);
    const bo = server.add_person("#lobby", { name: "Bo", in_call: true, muted: true, client: "mumble" });
    server.add_person("#lobby", { name: "Eve", presence: "reconnecting" });
    server.post("#lobby", bo, "hey Ana, look: `code`, [a link](https://x.example)\n\n> quoted\n\n- listed");
    await enter(page, page.url_of("/"), "Ana");
    await log_of(page).getByText("look").waitFor();
    await say(page, "mine");
    assert.deepEqual(await axe(page), []);
    for (const tab of ["Profile", "Voice", "Notifications", "Keyboard", "Accessibility", "About"]) {
      if (tab === "Profile") await page.getByRole("button", { name: "Settings" }).click();
      await page.getByRole("tab", { name: tab }).click();
      assert.deepEqual(await axe(page), [], tab);
    }
  });
}

const browser = await launch(["--use-fake-ui-for-media-stream"]);
let failures = 0;
let ran = 0;
for (const { name, body } of tests.filter((candidate) => candidate.name.includes(wanted))) {
  ran += 1;
  const server = new FakeServer();
  const url = await server.listen();
  const pages = [];
  const open = async (options) => {
    const page = await new_page(browser, options);
    page.url_of = (path) => url + path;
    // Other work may share the machine.
    page.setDefaultTimeout(30_000);
    pages.push(page);
    return page;
  };
  try {
    await body({ open, server, url });
    const complaints = pages.flatMap((page) => page.complaints);
    assert.deepEqual(complaints, [], "the console or the policy complained");
    console.log(`ok    ${name}`);
  } catch (error) {
    failures += 1;
    console.log(`FAIL  ${name}\n${error.stack ?? error}\n${pages.flatMap((page) => page.complaints).join("\n")}`);
  }
  for (const page of pages) await page.context().close();
  await server.close();
}
await browser.close();
console.log(`${ran - failures} passed, ${failures} failed`);
process.exitCode = failures === 0 ? 0 : 1;
