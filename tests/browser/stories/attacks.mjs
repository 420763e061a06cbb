// What an unkind person can type, and a foreign page can try.
import { WebSocket } from "../lib/packages.mjs";
import { expect, story } from "../lib/story.mjs";

const MARK = "document.documentElement.dataset.ran = 1";
const PAYLOADS = [
  `<script>${MARK}</script>`,
  `<img src=x onerror="${MARK}">`,
  `<svg onload="${MARK}"></svg>`,
  `<iframe srcdoc="<script>parent.${MARK}</script>"></iframe>`,
  `[click](javascript:${encodeURIComponent(MARK)})`,
  `<a href="javascript:${MARK}">click</a>`,
  `![x](data:text/html,<script>${MARK}</script>)`,
  `"><body onload="${MARK}">`,
  `<math><mtext></mtext><mglyph><style><img src=x onerror="${MARK}"></style></mglyph></math>`,
  `<details open ontoggle="${MARK}">`,
  `\`\`\`"><img src=x onerror="${MARK}">\n<script>${MARK}</script>\n\`\`\``,
  `[x]: javascript:${MARK}\n\n[x]`,
  `{@html "<img src=x onerror='${MARK}'>"}`,
  `<javascript:${MARK}>`,
  `https://example.org/"onmouseover="${MARK}`,
];
const NAMES = ["<img src=x onerror=1>", `"onfocus=x autofocus`, "<script>x</script>"];

async function expect_unharmed(person) {
  const { ran, foreign, links } = await person.page.evaluate(() => ({
    ran: document.documentElement.dataset.ran,
    foreign: [
      ...document.querySelectorAll(
        "#app script, #app iframe, #app object, #app embed, #app img[onerror], #app [onload]",
      ),
    ].length,
    links: [...document.querySelectorAll("a")]
      .map(({ href }) => href)
      .filter((href) => !/^(https?|mailto):/.test(href)),
  }));
  expect(ran === undefined, `${person.name}: a script ran`);
  expect(foreign === 0, `${person.name}: ${foreign} elements came out of a text`);
  expect(links.length === 0, `${person.name}: links to ${links.join(", ")}`);
  const violations = await person.violations();
  expect(violations.length === 0, `${person.name}: the policy was broken: ${violations.join("; ")}`);
  expect(person.complaints.length === 0, `${person.name}: ${person.complaints.join("; ")}`);
}

/** Talks the protocol without the page, which would not send such names. */
function raw_client(daemon, origin) {
  const socket = new WebSocket(
    `ws://127.0.0.1:${daemon.ports.web}/api/v1/socket`,
    "earshot.v1",
    origin === undefined ? {} : { origin },
  );
  const opened = new Promise((resolve) => {
    socket.once("open", () => resolve(101));
    socket.once("unexpected-response", (_, response) => resolve(response.statusCode));
    socket.once("error", () => resolve(0));
  });
  let next = 1;
  const ask = (message) =>
    new Promise((resolve, reject) => {
      const request = next++;
      const hear = (bytes) => {
        const answer = JSON.parse(bytes);
        if (answer.request !== request) return;
        socket.off("message", hear).off("close", gone);
        resolve(answer);
      };
      const gone = () => reject(new Error("the daemon closed the connection"));
      socket.on("message", hear).once("close", gone);
      socket.send(JSON.stringify({ ...message, request }));
    });
  return { socket, opened, ask };
}

story("nothing that is typed becomes a script, in a text, a topic, a room's name or a person's", async (stage) => {
  const daemon = await stage.own_daemon({
    settings: { "limits.messages_per_second": 100, "limits.message_burst": 100 },
  });
  const ada = await stage.arrive("ada");
  await ada.enter(`${daemon.url}/r/safe`);
  const client = raw_client(daemon, daemon.url);
  stage.closers.push(() => Promise.resolve(client.socket.terminate()));
  expect((await client.opened) === 101, "the raw client is not let in");
  const refused = [];
  for (const name of NAMES) {
    const answer = await client.ask({ type: "hello", protocol: 1, name, kind: "browser" });
    if (answer.type === "welcome") break;
    refused.push(name);
  }
  if (refused.length === NAMES.length)
    await client.ask({ type: "hello", protocol: 1, name: "Mallory", kind: "browser" });
  stage.note(`names refused: ${refused.length} of ${NAMES.length}`);
  await client.ask({ type: "join", room: "#safe" });
  for (const [index, text] of PAYLOADS.entries()) {
    const answer = await client.ask({
      type: "say",
      room: "#safe",
      text,
      client_message_id: `payload-${index}-${Date.now()}`,
    });
    expect(answer.type === "accepted", `payload ${index} was refused: ${answer.code}`);
    await client.ask({ type: "topic", room: "#safe", topic: text.replaceAll("\n", " ") });
  }
  for (const payload of PAYLOADS.slice(0, 3)) await client.ask({ type: "join", room: `#${payload}` });
  await client.ask({ type: "say", room: "#safe", text: "that was all", client_message_id: `the-end-${Date.now()}` });
  await ada.reads("that was all");
  await ada.log.hover();
  await expect_unharmed(ada);
  const bob = await stage.arrive("bob");
  await bob.enter(`${daemon.url}/r/safe`);
  await bob.reads("that was all");
  await expect_unharmed(bob);
  await bob.page.goto(`${daemon.url}/r/${encodeURIComponent(PAYLOADS[1])}`);
  await bob.field("Your name").waitFor();
  await expect_unharmed(bob);
});

story("a page of another origin opens no connection", async (stage) => {
  const daemon = await stage.daemon();
  const own = raw_client(daemon, daemon.url);
  expect((await own.opened) === 101, "the daemon's own page is refused");
  own.socket.terminate();
  for (const origin of [
    "https://evil.example",
    "null",
    `http://127.0.0.1:${daemon.ports.web + 1}`,
    `${daemon.url}.evil.example`,
    "file://",
  ]) {
    const { socket, opened } = raw_client(daemon, origin);
    const status = await opened;
    socket.terminate();
    expect(status === 403, `origin ${origin} is answered with ${status}`);
  }
});

story("in a whole visit with a call the policy is never broken", async (stage) => {
  const [ada, bob] = await Promise.all(["ada", "bob"].map((voice) => stage.enter(voice, "Join call")));
  await ada.hears_somebody();
  await ada.says("# a heading\n\n> quoted\n\n```\ncode\n```");
  await bob.reads("quoted");
  await ada.button("Settings").click();
  await ada.page.getByRole("dialog").waitFor();
  for (const tab of await ada.page.getByRole("tab").all()) await tab.click();
  await ada.page.keyboard.press("Escape");
  for (const person of [ada, bob]) await expect_unharmed(person);
});
