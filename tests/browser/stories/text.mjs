// What is written: both ways, in rooms of one's own, and still there when one comes back.
import { PlainSocket } from "../lib/plain.mjs";
import { expect, eventually, story } from "../lib/story.mjs";

story("two people write to each other, and each line is there once", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice)));
  await ada.says("hello **Bob**");
  await bob.reads("hello Bob");
  await bob.says("hello yourself");
  await Promise.all([ada, bob].map((person) => person.reads("hello yourself")));
  await ada.reads("hello Bob");
  expect((await bob.log.locator("strong").innerText()) === "Bob", "the bold word is not bold");
  await ada.person(bob.name).waitFor();
});

story("a topic is seen by all, also by who comes later", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice)));
  await ada.page.getByRole("button", { name: /edit topic/ }).click();
  await ada.field("Topic").fill("Tea at four");
  await ada.page.keyboard.press("Enter");
  await bob.page.getByRole("button", { name: /Tea at four/ }).waitFor();
  const cleo = await stage.enter("cleo");
  await cleo.page.getByRole("button", { name: /Tea at four/ }).waitFor();
});

story("a second room is made, left and entered again, with its history", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice)));
  const room = `${stage.room}-kitchen`;
  await ada.open_room(room);
  await ada.says("soup is ready");
  await ada.reads("soup is ready");
  const rooms = bob.page.getByRole("navigation", { name: "Rooms" });
  await rooms.getByRole("button", { name: `#${room}` }).click();
  await bob.reads("soup is ready");
  await bob.says("coming");
  await ada.reads("coming");
  await bob.says("/leave");
  await ada.person(bob.name).waitFor({ state: "detached" });
  await ada.says("where is Bob?");
  await rooms.getByRole("button", { name: `#${room}` }).click();
  await Promise.all(["soup is ready", "coming", "where is Bob?"].map((text) => bob.reads(text)));
  await rooms.getByRole("button", { name: new RegExp(`#${stage.room}(?!-)`) }).click();
  await bob.page.getByRole("log", { name: `Messages in #${stage.room}` }).waitFor();
  expect(!(await bob.texts()).some((text) => text.includes("soup")), "the kitchen's soup is in the other room");
});

story("a taken name is refused in words, with a free one beside it", async (stage) => {
  const ada = await stage.enter("ada");
  const other = await stage.arrive("bob");
  await other.page.goto(await stage.url());
  await other.field("Your name").fill(ada.name.toUpperCase());
  await other.button("Chat only").click();
  await other.page.getByRole("button", { name: /^Take / }).click();
  await other.button("Chat only").click();
  await other.page.getByRole("log").waitFor();
  await eventually(
    async () => (await ada.page.getByRole("list", { name: "People" }).getByRole("listitem").count()) === 2,
    "two people are in the room",
  );
});

story("what was written is there after the daemon was restarted", async (stage) => {
  const daemon = await stage.own_daemon();
  const ada = await stage.arrive("ada");
  await ada.enter(`${daemon.url}/r/kept`);
  for (const text of ["first line", "second line", "third line"]) {
    await ada.says(text);
    await ada.reads(text);
  }
  await ada.log.getByText("Sending").waitFor({ state: "detached" });
  expect((await daemon.stop()) === 0, "the daemon did not end well");
  await daemon.start();
  const bob = await stage.arrive("bob");
  await bob.enter(`${daemon.url}/r/kept`);
  for (const text of ["first line", "second line", "third line"]) await bob.reads(text);
  const texts = (await bob.texts()).join("\n");
  expect(/first line[^]*second line[^]*third line/.test(texts), `the order is another: ${texts}`);
});

story("somebody with a bare socket is in the same room", async (stage) => {
  const daemon = await stage.own_daemon();
  const ada = await stage.arrive("ada");
  await ada.enter(`${daemon.url}/`);
  await ada.says("before nc");
  const plain = await PlainSocket.connect(daemon.ports["plain-text"]);
  stage.closers.push(() => Promise.resolve(plain.close()));
  await plain.hears("name");
  plain.write("Socke");
  await ada.person("Socke").waitFor();
  plain.write("hello from a socket");
  await ada.reads("hello from a socket");
  await ada.says("hello socket");
  await plain.hears("hello socket");
  plain.close();
  await ada.person("Socke").waitFor({ state: "detached", timeout: 40_000 });
});
