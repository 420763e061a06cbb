// A person with Firefox, in a process of its own because that lives in another network namespace. Commands come as
// lines on standard input, answers leave as lines of JSON. Arguments: address, name.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { install_ears } from "./ears.mjs";
import { require_web } from "./packages.mjs";

const { default: puppeteer } = await import(pathToFileURL(require_web.resolve("puppeteer-core")));
const [url, name] = process.argv.slice(2);
const WAIT_MS = 15_000;

const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
  headless: true,
  acceptInsecureCerts: true,
  extraPrefsFirefox: {
    "media.navigator.streams.fake": true,
    "media.navigator.permission.disabled": true,
    "media.autoplay.default": 0,
    "media.autoplay.blocking_policy": 0,
  },
});
const page = await browser.newPage();
page.setDefaultTimeout(WAIT_MS);
await page.evaluateOnNewDocument(install_ears);

const role = (kind, label) => page.locator(`::-p-aria([name="${label}"][role="${kind}"])`);
const commands = {
  async enter() {
    await page.goto(url);
    await role("textbox", "Your name").fill(name);
    await role("button", "Join call").click();
    await role("button", "Leave call").wait();
    await page.waitForFunction(() => window.ears.peers.at(-1)?.connectionState === "connected");
    return browser.version();
  },
  record: (seconds) => page.evaluate((length) => window.ears.record(length), Number(seconds)),
  violations: () => page.evaluate(() => window.ears.violations),
  screenshot: (path) => page.screenshot({ path }),
  async leave() {
    await role("button", "Leave call").click();
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(" ");
  try {
    console.log(JSON.stringify({ answer: (await commands[command](argument)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error.stack) }));
  }
}
await browser.close();
