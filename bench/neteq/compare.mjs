// NetEq in Chromium and our jitter buffer on the same arrivals: node bench/neteq/compare.mjs [SECONDS]
import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, chromium } from "../../tests/browser/lib/packages.mjs";
import { voice_file, voice_samples } from "../../tests/browser/lib/speech.mjs";
import { Relay } from "./relay.mjs";
import { figures, talk_through, write_down } from "./page.mjs";

const seconds = Number(process.argv[2] ?? 90);
const WARM_UP_S = 10;
const FOLDER = join(ROOT, "build/neteq");
const WEATHERS = [
  { name: "calm" },
  { name: "1 % loss, jitter 10 ms", loss: 0.01, jitter_ms: 10 },
  { name: "5 % loss, jitter 30 ms", loss: 0.05, jitter_ms: 30 },
  { name: "bursts of 3, 5 %", loss: 0.05, burst: 3, jitter_ms: 5 },
  { name: "20 % loss, jitter 10 ms", loss: 0.2, jitter_ms: 10 },
  { name: "stalls of 200 ms each 5 s", jitter_ms: 2, stall_ms: 200, stall_every_s: 5 },
  { name: "stalls of 200 ms each 30 s", jitter_ms: 2, stall_ms: 200, stall_every_s: 30 },
];
const share = (part, whole) => (whole > 0 ? ((100 * part) / whole).toFixed(2) : "-").padStart(6);

mkdirSync(FOLDER, { recursive: true });
const site = createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<!doctype html><title>NetEq</title>"));
await new Promise((ready) => site.listen(0, "127.0.0.1", ready));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    `--use-file-for-fake-audio-capture=${voice_file("ada")}`,
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
  ],
});
const page = await browser.newPage();
page.on("console", (message) => console.log(`page: ${message.text()}`));
await page.goto(`http://localhost:${site.address().port}/`);

const relays = [];
await page.exposeFunction("relay_to", async (index, address, port) => {
  relays[index] = await Relay.start(address, port, WEATHERS[index], index + 1);
  return relays[index].port;
});
await page.addScriptTag({ content: write_down.toString() });
await page.evaluate(talk_through, WEATHERS.length);
await new Promise((later) => setTimeout(later, WARM_UP_S * 1000));
const before = await page.evaluate(figures);
await new Promise((later) => setTimeout(later, seconds * 1000));
const after = await page.evaluate(figures);
const encoded = await page.evaluate(() => globalThis.encoded);
await browser.close();
site.close();

const speech = join(FOLDER, "speech.raw");
writeFileSync(speech, Buffer.from(voice_samples("ada").buffer));
console.log(`${seconds} s; shares in % of the sound played, delay in ms\n${"NetEq".padEnd(28)}  conc.  copies slower faster   delay`);
for (const [index, weather] of WEATHERS.entries()) {
  const got = (name) => after[index][name] - before[index][name];
  const all = got("totalSamplesReceived");
  const parts = ["concealedSamples", "insertedSamplesForDeceleration", "removedSamplesForAcceleration"].map((name) => share(got(name), all));
  const fec = share(got("fecPacketsReceived") * 960, all);
  const delay = ((1000 * got("jitterBufferDelay")) / got("jitterBufferEmittedCount")).toFixed(1);
  const row = `${weather.name.padEnd(28)} ${parts[0]}  ${fec} ${parts[1]} ${parts[2]}  ${delay.padStart(6)}`;
  console.log(`${row}   received ${got("packetsReceived")}, lost ${got("packetsLost")}, codec ${after[index].codec}`);
  relays[index].close();
  writeFileSync(join(FOLDER, `${index}.trace`), relays[index].log(new Map(encoded[index])));
}
const traces = WEATHERS.flatMap(({ name }, index) => ["--trace", `${name}=${join(FOLDER, `${index}.trace`)}`]);
console.log("\nEarshot");
console.log(execFileSync(join(ROOT, "build/release/jitter_bench"), ["--speech", speech, "--call", "10", ...traces], { encoding: "utf8" }));
