// Who keeps order: what the keeper of a room and the operator of the house may do, and what becomes of those it is done to.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PlainSocket } from "../lib/plain.mjs";
import { expect, story } from "../lib/story.mjs";

const manage = (person, name) => person.button(`Manage ${name}`);

story("the keeper of a room mutes and removes, the others cannot, and who is removed does not come back", async (stage) => {
  const ada = await stage.enter("ada", "Join call"); // made the room
  const bob = await stage.enter("bob", "Join call");
  await ada.person(bob.name).waitFor();
  await ada.person(ada.name).getByText("Keeps this room").waitFor({ state: "attached" });
  await bob.person(ada.name).waitFor();
  expect((await manage(bob, ada.name).count()) === 0, "somebody who keeps nothing is offered to manage others");

  await manage(ada, bob.name).click();
  await ada.page.getByRole("dialog", { name: bob.name }).getByRole("button", { name: "Mute", exact: true }).click();
  await bob.page.getByRole("alert").filter({ hasText: `Muted by ${ada.name}` }).waitFor({ state: "attached" });
  const mute = bob.call.getByRole("button", { name: "Mute", exact: true });
  expect((await mute.getAttribute("aria-pressed")) === "true", "the muted one's own button does not say so");
  await ada.person(`${bob.name}, muted`).waitFor();
  await mute.click(); // nobody else can
  await ada.person(`${bob.name}, muted`).waitFor({ state: "detached" });

  await manage(ada, bob.name).click();
  await ada.button("Remove…").click();
  const asked = ada.page.getByRole("dialog", { name: `Remove ${bob.name} from #${stage.room}?` });
  await asked.getByRole("textbox").fill("too loud");
  await asked.getByRole("button", { name: `Remove ${bob.name}` }).click();
  await bob.page.getByRole("heading", { name: "You have been removed." }).waitFor();
  await bob.page.getByText(`${ada.name} removed you from #${stage.room}.`, { exact: true }).first().waitFor();
  await bob.page.getByText("Reason: too loud").waitFor();
  await ada.log.getByText(`${bob.name} was removed by ${ada.name}: too loud`).waitFor();
  await ada.person(bob.name).waitFor({ state: "detached" });
  await bob.call.getByRole("button", { name: "Leave call" }).waitFor({ state: "detached" });

  await bob.page.reload();
  await bob.field("Your name").fill(bob.name);
  await bob.button("Chat only").click();
  await bob.page.getByText(/You have been removed\. You may come back in \d+ minutes?\./).first().waitFor();
  expect((await ada.person(bob.name).count()) === 0, "who was removed is there again");
});

story("the operator keeps order in the lobby; a bare socket is shown as one, written to, and told its phrase", async (stage) => {
  const daemon = await stage.own_daemon();
  const key = readFileSync(join(daemon.data, "operator.key"), "utf8").trim();
  const cleo = await stage.arrive("cleo");
  await cleo.enter(`${daemon.url}/`);
  const ada = await stage.arrive("ada");
  await ada.enter(`${daemon.url}/#operator=${key}`);
  expect(!ada.page.url().includes(key), "the key stands in the address bar");
  await cleo.person(ada.name).getByText("Operator of the house").waitFor({ state: "attached" });
  const pat = await PlainSocket.connect(daemon.ports["plain-text"]);
  stage.closers.push(async () => pat.close());
  pat.write("Pat");
  await pat.hears("Welcome Pat!");
  await ada.person("Pat").getByText("Plain socket").waitFor({ state: "attached" });
  expect((await manage(cleo, "Pat").count()) === 0, "in the lobby a guest is offered to manage others");

  await manage(ada, "Pat").click();
  await ada.page.keyboard.press("Enter"); // the first button: Message
  await ada.field("Message Pat").fill("be quiet, please");
  await ada.page.keyboard.press("Enter");
  await pat.hears(`(to Pat alone) ${ada.name}: be quiet, please`);
  await ada.page.getByRole("navigation", { name: "Rooms" }).getByRole("button", { name: /#lobby/ }).click();
  await ada.says("/kick Pat I asked");
  await pat.hears("You have been removed.");
  await cleo.log.getByText(`Pat was removed by ${ada.name}: I asked`).waitFor();
  await ada.person("Pat").waitFor({ state: "detached" });

  const wrong = await stage.arrive("bob");
  await wrong.enter(`${daemon.url}/#operator=${"0".repeat(64)}`);
  await wrong.page.getByText("That is not the operator's key of this house.").first().waitFor();
  expect((await manage(wrong, cleo.name).count()) === 0, "a wrong key opens");
});
