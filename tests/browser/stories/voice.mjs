// Who hears whom. What a page plays is recorded in the page and compared with what each voice spoke.
import { expect, story } from "../lib/story.mjs";
import { expect_heard, expect_not_heard, expect_silence } from "../lib/person.mjs";

const SPEECH_S = 4;
const SILENCE_S = 2;
/** Strangers reach 0.3 in this measure. */
const TREATED_WAVE = 0.55;

story("two people talk in one room: each hears the other, nobody himself", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  const [at_ada, at_bob] = await Promise.all([ada, bob].map((person) => person.records(SPEECH_S)));
  expect_heard(stage, at_ada, ada, "bob");
  expect_heard(stage, at_bob, bob, "ada");
  expect_not_heard(stage, at_ada, ada, "ada");
  expect_not_heard(stage, at_bob, bob, "bob");
  expect((await ada.transport()) === "udp", `the way is ${await ada.transport()}, not udp`);
});

story(
  "with the browser's own echo, noise and loudness treatment, as everybody has it, voices are known as well",
  async (stage) => {
    const enter = (voice) => stage.enter(voice, "Join call", { preferences: {} });
    const [ada, bob] = await Promise.all(["ada", "bob"].map(enter));
    await Promise.all([ada, bob].map((person) => person.hears_somebody()));
    const [at_ada, at_bob] = await Promise.all([ada, bob].map((person) => person.records(SPEECH_S)));
    expect_heard(stage, at_ada, ada, "bob", TREATED_WAVE);
    expect_heard(stage, at_bob, bob, "ada", TREATED_WAVE);
    expect_not_heard(stage, at_ada, ada, "ada");
    expect_not_heard(stage, at_bob, bob, "bob");
  },
);

story("three people talk: each hears both others on channels of their own", async (stage) => {
  const people = await Promise.all(["ada", "bob", "cleo"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all(people.map((person) => person.hears_somebody()));
  await Promise.all(people.map((person) => people.every((other) => person.person(other.name).getByText("In call"))));
  const recordings = await Promise.all(people.map((person) => person.records(SPEECH_S)));
  for (const [index, listener] of people.entries()) {
    expect(recordings[index].length === 2, `${listener.name} hears ${recordings[index].length} voices`);
    for (const { voice } of people) {
      if (voice === listener.voice) expect_not_heard(stage, recordings[index], listener, voice);
      else expect_heard(stage, recordings[index], listener, voice);
    }
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
  expect_silence(stage, await bob.records(SILENCE_S), bob);
  await ada.button("Mute").click();
  await bob.person(ada.name).getByText("muted").waitFor({ state: "detached" });
  await bob.hears_somebody();
  expect_heard(stage, await bob.records(SPEECH_S), bob, "ada");
});

story("who is deafened hears nothing and says nothing, until he listens again", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  await bob.button("Deafen").click();
  await ada.person(bob.name).getByText("deafened").waitFor();
  const [at_bob, at_ada] = await Promise.all([bob.records(SILENCE_S), ada.records(SILENCE_S)]);
  expect_silence(stage, at_bob, bob);
  expect_silence(stage, at_ada, ada);
  await bob.button("Deafen").click();
  await ada.person(bob.name).getByText("deafened").waitFor({ state: "detached" });
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  const [again_bob, again_ada] = await Promise.all([bob.records(SPEECH_S), ada.records(SPEECH_S)]);
  expect_heard(stage, again_bob, bob, "ada");
  expect_heard(stage, again_ada, ada, "bob");
});

story("who only listens hears, and is not heard", async (stage) => {
  const [ada, bob] = await Promise.all([stage.enter("ada", "Join call"), stage.enter("bob", "Listen only")]);
  await bob.hears_somebody();
  await ada.person(bob.name).getByText("Listening").waitFor();
  const [at_bob, at_ada] = await Promise.all([bob.records(SPEECH_S), ada.records(SPEECH_S)]);
  expect_heard(stage, at_bob, bob, "ada");
  expect_silence(stage, at_ada, ada);
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
  expect_heard(stage, await denied.records(SPEECH_S), denied, "ada");
  await ada.person(denied.name).getByText("Listening").waitFor();
});

story("who leaves the call is heard no more and can come back", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await bob.hears_somebody();
  await ada.button("Leave call").click();
  await ada.call.getByRole("button", { name: "Join call" }).waitFor();
  await bob.person(ada.name).getByText("In call").waitFor({ state: "detached" });
  expect_silence(stage, await bob.records(SILENCE_S), bob);
  await ada.call.getByRole("button", { name: "Join call" }).click();
  await ada.in_call();
  await bob.hears_somebody();
  expect_heard(stage, await bob.records(SPEECH_S), bob, "ada");
});

story("each person's volume is one's own affair", async (stage) => {
  const [ada, bob, cleo] = await Promise.all(["ada", "bob", "cleo"].map((voice) => stage.enter(voice, "Join call")));
  await Promise.all([bob, cleo].map((person) => person.hears_somebody()));
  await bob.page.getByRole("slider", { name: `Volume of ${ada.name}` }).fill("0");
  await bob.page.getByRole("slider", { name: `Volume of ${cleo.name}` }).fill("50");
  const [at_bob, at_cleo] = await Promise.all([bob.records(SPEECH_S), cleo.records(SPEECH_S)]);
  expect(at_bob.length === 1, `Bob turned one of two down to nothing and hears ${at_bob.length}`);
  expect_heard(stage, at_bob, bob, "cleo");
  expect_heard(stage, at_cleo, cleo, "ada");
});

story("over TCP alone people talk as well", async (stage) => {
  const [ada, bob] = await Promise.all([
    stage.enter("ada", "Join call", { tcp_only: true }),
    stage.enter("bob", "Join call"),
  ]);
  await Promise.all([ada, bob].map((person) => person.hears_somebody()));
  expect((await ada.transport()) === "tcp", `the way is ${await ada.transport()}, not tcp`);
  const [at_ada, at_bob] = await Promise.all([ada, bob].map((person) => person.records(SPEECH_S)));
  expect_heard(stage, at_ada, ada, "bob");
  expect_heard(stage, at_bob, bob, "ada");
});
