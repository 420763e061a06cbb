// Takes a picture of every screen and state, in both sizes and both colours: node test/browser/looks.mjs FOLDER [FILTER]
import { mkdirSync } from "node:fs";
import { FakeServer } from "../fake_server.mjs";
import { axe, launch, new_page, voice_peer } from "./stage.mjs";

const [folder = "looks", filter = ""] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launch(["--use-fake-ui-for-media-stream"]);
const LOOKS = [
  ["desk-light", { size: [1440, 900] }],
  ["desk-dark", { size: [1440, 900], dark: true }],
  ["phone-light", { size: [390, 844], hasTouch: true, isMobile: true }],
  ["phone-dark", { size: [390, 844], dark: true, hasTouch: true, isMobile: true }],
  ["tablet-light", { size: [820, 1100] }],
  ["narrow-light", { size: [320, 640] }],
];

let problems = 0;
for (const [look, options] of LOOKS.filter(([name]) => name.includes(filter))) {
  const server = new FakeServer();
  const url = await server.listen();
  const peer_page = await (await browser.newContext()).newPage();
  await peer_page.goto(`${url}/favicon.svg`);
  const peer = await voice_peer(peer_page);
  const page = await new_page(browser, options);
  const shot = async (name) => {
    await page.waitForTimeout(250);
    await page.screenshot({ path: `${folder}/${look}-${name}.png` });
    for (const violation of await axe(page)) {
      problems += 1;
      console.log(`${look} ${name}: ${violation}`);
    }
  };
  await page.goto(url);
  await shot("1-join");
  await page.getByRole("button", { name: "Check mic" }).click();
  await page.waitForTimeout(800);
  await shot("2-join-mic");
  await page.getByRole("textbox", { name: "Your name" }).fill("Mika");
  await page.getByRole("button", { name: "Chat only" }).click();
  await page.getByRole("textbox", { name: "Message #lobby" }).waitFor();
  await shot("3-empty");

  const ana = server.add_person("#lobby", { name: "Ana", in_call: true });
  const bo = server.add_person("#lobby", { name: "Bo Lindqvist", client: "irc" });
  const cy = server.add_person("#lobby", { name: "Cy", client: "terminal", in_call: true, muted: true });
  const dee = server.add_person("#lobby", { name: "Dee", client: "mumble", in_call: true, listen_only: true });
  server.add_person("#lobby", { name: "Eve", client: "socket", presence: "reconnecting" });
  server.add_person("#maps", { name: "Finn" });
  server.room("#raid-night");
  server.tell_all({ type: "room_changed", room: server.summary(server.room("#raid-night")) });
  const yesterday = Date.now() - 26 * 3600 * 1000;
  server.room("#lobby").messages.length = 0;
  const talk = [
    [bo, "did anybody bring the **map** from last week?", yesterday],
    [ana, "I think Cy has it. There is a copy at https://example.org/maps/north too", yesterday + 40_000],
    [ana, "and do not forget:\n- torches\n- rope\n- something to eat", yesterday + 60_000],
    [cy, "found it. The gate opens with `open --slowly`:\n```\n$ open --slowly\ncreak\n```", yesterday + 300_000],
    [bo, "> found it\n\nyou are a *hero*", yesterday + 360_000],
    [dee, "🎉", Date.now() - 120_000],
    [bo, "Mika, are you coming tonight?", Date.now() - 60_000],
    [
      ana,
      "We start when everybody has tea. Whoever is late brings biscuits, that is the rule, and it has always been the rule.",
      Date.now() - 30_000,
    ],
  ];
  for (const [who, text, time] of talk) server.post("#lobby", who, text, time);
  await page.waitForTimeout(300);
  await page.getByRole("textbox", { name: "Message #lobby" }).fill("on my way, **two minutes**");
  await page.keyboard.press("Enter");
  server.tell("#lobby", { type: "typing", room: "#lobby", member: bo.member });
  server.tell("#lobby", { type: "typing", room: "#lobby", member: ana.member });
  await shot("4-chat");

  // In the call, with Ana speaking.
  const me = [...server.members.values()].find(({ name }) => name === "Mika");
  server.call = async ({ request, room }) => {
    const sdp = await peer.offer(1);
    return { type: "call_offer", request, call: 1, room, sdp };
  };
  server.answered = ({ type, sdp }) => {
    if (type !== "call_answer") return;
    void peer.answer(1, sdp);
    const person = server.room("#lobby").people.get(me.member);
    server.change_person("#lobby", { ...person, in_call: true });
    server.tell("#lobby", { type: "call_slots", room: "#lobby", slots: [{ slot: 0, member: ana.member }] });
    server.tell("#lobby", { type: "speaking", room: "#lobby", member: ana.member, speaking: true });
  };
  await page.getByRole("button", { name: "Join call" }).click();
  await page.getByRole("button", { name: "Leave call" }).waitFor();
  await page.waitForTimeout(2800);
  await shot("5-call");
  if (options.size[0] <= 1023) {
    await page.getByRole("button", { name: /Show who is here/ }).click();
    await shot("5-call-people");
    await page.getByRole("button", { name: "Close" }).first().click();
  }
  if (options.size[0] <= 600) {
    await page.getByRole("button", { name: "Show rooms" }).click();
    await shot("5-rooms");
  }
  await page.getByRole("button", { name: "New room" }).click();
  await shot("6-new-room");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Settings" }).click();
  for (const tab of ["Profile", "Voice", "Keyboard", "Accessibility", "About"]) {
    await page.getByRole("tab", { name: tab }).click();
    await shot(`7-settings-${tab.toLowerCase()}`);
  }
  await page.keyboard.press("Escape");
  if (options.size[0] <= 600) await page.getByRole("button", { name: "Close" }).first().click();
  await page.keyboard.press("Control+/");
  await shot("8-help");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("an");
  await shot("8-switcher");
  await page.keyboard.press("Escape");

  server.refuse_say = true;
  await page.getByRole("textbox", { name: "Message #lobby" }).fill("this one will not go");
  await page.keyboard.press("Enter");
  await shot("9-failed");
  server.deaf = true;
  server.cut();
  await page.getByRole("textbox", { name: "Message #lobby" }).fill("and this one waits");
  await page.keyboard.press("Enter");
  await shot("9-reconnecting");
  for (const complaint of page.complaints) {
    problems += 1;
    console.log(`${look}: ${complaint}`);
  }
  await page.context().close();
  await peer_page.context().close();
  await server.close();
}

// A microphone that is refused; an address over plain http has none.
for (const [look, options] of LOOKS.filter(([name]) => name.includes(filter)).slice(0, 4)) {
  const server = new FakeServer();
  const url = await server.listen();
  const page = await new_page(browser, options);
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  await page.goto(url);
  await page.getByRole("textbox", { name: "Your name" }).fill("Mika");
  await page.getByRole("button", { name: "Join call" }).click();
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${folder}/${look}-2-join-blocked.png` });
  await page.context().close();
  await server.close();
}
await browser.close();
console.log(problems === 0 ? "no problems" : `${problems} problems`);
process.exitCode = problems === 0 ? 0 : 1;
