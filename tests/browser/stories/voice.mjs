// Who hears whom. What a page plays is recorded in the page and compared with what each voice spoke.
import { expect, story } from "../lib/story.mjs";
import { expect_heard, expect_not_heard, expect_silence } from "../lib/person.mjs";

/** Strangers reach 0.3 in this measure. */
const TREATED_WAVE = 0.55;

story("two people talk in one room: each hears the other, nobody himself", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  const heard = await expect_heard(stage, [
    [ada, "bob"],
    [bob, "ada"],
  ]);
  expect_not_heard(stage, heard.get(ada), ada, "ada");
  expect_not_heard(stage, heard.get(bob), bob, "bob");
  expect((await ada.transport()) === "udp", `the way is ${await ada.transport()}, not udp`);
});

story(
  "with the browser's own echo, noise and loudness treatment, as everybody has it, voices are known as well",
  async (stage) => {
    const enter = (voice) => stage.enter(voice, "Join call", { preferences: {} });
    const [ada, bob] = await Promise.all(["ada", "bob"].map(enter));
    await Promise.all([ada, bob].map((person) => person.hears_somebody()));
    const heard = await expect_heard(
      stage,
      [
        [ada, "bob"],
        [bob, "ada"],
      ],
      TREATED_WAVE,
    );
    expect_not_heard(stage, heard.get(ada), ada, "ada");
    expect_not_heard(stage, heard.get(bob), bob, "bob");
  },
);

story("three people talk: each hears both others on channels of their own", async (stage) => {
  const people = await Promise.all(["ada", "bob", "cleo"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all(people.map((person) => person.hears_somebody()));
  const others = (person) => people.filter((other) => other !== person).map(({ voice }) => voice);
  const heard = await expect_heard(
    stage,
    people.map((person) => [person, ...others(person)]),
  );
  for (const listener of people) {
    expect(heard.get(listener).length === 2, `${listener.name} hears ${heard.get(listener).length} voices`);
    expect_not_heard(stage, heard.get(listener), listener, listener.voice);
  }
});

story("mute silences and unmute brings the voice back", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await bob.hears_somebody();
  await ada.button("Mute").click();
  expect(
    (await ada.button("Mute").getAttribute("aria-pressed")) === "true",
    "the button does not say that it is pressed",
  );
  await bob.person(ada.name).getByText("muted").waitFor();
  await expect_silence(stage, [bob]);
  await ada.button("Mute").click();
  await bob.person(ada.name).getByText("muted").waitFor({ state: "detached" });
  await bob.hears_somebody();
  await expect_heard(stage, [[bob, "ada"]]);
});

story("who is deafened hears nothing and says nothing, until he listens again", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  await bob.button("Deafen").click();
  await ada.person(bob.name).getByText("deafened").waitFor();
  await expect_silence(stage, [bob, ada]);
  await bob.button("Deafen").click();
  await ada.person(bob.name).getByText("deafened").waitFor({ state: "detached" });
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  await expect_heard(stage, [
    [bob, "ada"],
    [ada, "bob"],
  ]);
});

story("who only listens hears, and is not heard", async (stage) => {
  const [ada, bob] = await Promise.all([stage.enter("ada", "Join call"), stage.enter("bob", "Listen only")]);
  await bob.hears_somebody();
  await ada.person(bob.name).getByText("Listening").waitFor();
  await expect_heard(stage, [[bob, "ada"]]);
  await expect_silence(stage, [ada]);
});

story("a blocked microphone is said in words, and listening still works", async (stage) => {
  const ada = await stage.enter("ada", "Join call");
  const denied = await stage.arrive("denied");
  await denied.page.goto(await stage.url());
  await denied.field("Your name").fill(denied.name);
  await denied.button("Join call").click();
  await denied.page.getByRole("main").getByText("Microphone blocked").waitFor();
  await denied.page.getByRole("alert").getByText("Microphone blocked").waitFor({ state: "attached" });
  await denied.button("Listen only").click();
  await denied.in_call();
  await denied.hears_somebody();
  await expect_heard(stage, [[denied, "ada"]]);
  await ada.person(denied.name).getByText("Listening").waitFor();
});

story("who leaves the call is heard no more and can come back", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await bob.hears_somebody();
  await ada.button("Leave call").click();
  await ada.call.getByRole("button", { name: "Join call" }).waitFor();
  await bob.person(ada.name).getByText("In call").waitFor({ state: "detached" });
  await expect_silence(stage, [bob]);
  await ada.call.getByRole("button", { name: "Join call" }).click();
  await ada.in_call();
  await bob.hears_somebody();
  await expect_heard(stage, [[bob, "ada"]]);
});

story("each person's volume is one's own affair", async (stage) => {
  const [ada, bob, cleo] = await Promise.all(["ada", "bob", "cleo"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all([bob, cleo].map((person) => person.hears_somebody()));
  await bob.page.getByRole("slider", { name: `Volume of ${ada.name}` }).fill("0");
  await bob.page.getByRole("slider", { name: `Volume of ${cleo.name}` }).fill("50");
  const heard = await expect_heard(stage, [
    [bob, "cleo"],
    [cleo, "ada"],
  ]);
  expect(heard.get(bob).length === 1, `Bob turned one of two down to nothing and hears ${heard.get(bob).length}`);
});

story("over TCP alone people talk as well", async (stage) => {
  const [ada, bob] = await Promise.all([
    stage.enter("ada", "Join call", { tcp_only: true }),
    stage.enter("bob", "Join call"),
  ]);
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  expect((await ada.transport()) === "tcp", `the way is ${await ada.transport()}, not tcp`);
  const heard = await expect_heard(stage, [
    [ada, "bob"],
    [bob, "ada"],
  ]);
});
