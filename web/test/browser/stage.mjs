// What every browser test stands on: Chromium, the stand-in server (or a real daemon), and pages that watch for violations.
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
export const AXE = require.resolve("axe-core/axe.min.js");

export async function launch(extra = []) {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--use-fake-device-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      ...extra,
    ],
  });
}

/** A page in a context of its own; what the policy or the console complains of is collected in `page.complaints`. */
export async function new_page(browser, { size = [1440, 900], dark = false, microphone = true, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: size[0], height: size[1] },
    colorScheme: dark ? "dark" : "light",
    permissions: microphone ? ["microphone"] : [],
    ...options,
  });
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/WebSocket connection|Failed to load resource/.test(message.text())) {
      page.complaints.push(`console: ${message.text()}`);
    }
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  return page;
}

export async function enter(page, url, name, as = "Chat only") {
  await page.goto(url);
  await page.getByRole("textbox", { name: "Your name" }).fill(name);
  await page.getByRole("button", { name: as }).click();
  await page.getByRole("textbox", { name: /^Message #/ }).waitFor();
}

export async function axe(page) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(await axe_source());
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}

let source;
async function axe_source() {
  const { readFile } = await import("node:fs/promises");
  source ??= await readFile(AXE, "utf8");
  return source;
}

/** A WebRTC peer that plays the daemon's part: one microphone in, `slots` voices out; slot 0 hums. */
export async function voice_peer(page, slots = 8) {
  await page.evaluate(() => {
    window.peers = new Map();
  });
  return {
    async offer(call) {
      return page.evaluate(
        async ([id, count]) => {
          const peer = new RTCPeerConnection();
          const context = new AudioContext();
          const tone = context.createOscillator();
          const wobble = context.createGain();
          const sink = context.createMediaStreamDestination();
          tone.frequency.value = 300;
          wobble.gain.value = 0.4;
          tone.connect(wobble).connect(sink);
          tone.start();
          peer.addTransceiver("audio", { direction: "recvonly" });
          for (let slot = 0; slot < count; ++slot) {
            const track = slot === 0 ? sink.stream.getAudioTracks()[0] : undefined;
            peer.addTransceiver(track ?? "audio", { direction: "sendonly" });
          }
          await peer.setLocalDescription(await peer.createOffer());
          await new Promise((resolve) => {
            if (peer.iceGatheringState === "complete") resolve();
            peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && resolve());
            setTimeout(resolve, 1500);
          });
          window.peers.set(id, peer);
          return peer.localDescription.sdp;
        },
        [call, slots],
      );
    },
    async answer(call, sdp) {
      await page.evaluate(
        async ([id, answer]) => window.peers.get(id).setRemoteDescription({ type: "answer", sdp: answer }),
        [call, sdp],
      );
    },
    /** Candidates of the other side travel in its answer only when it has gathered them; ours do in any case. */
    async received(call) {
      return page.evaluate(async (id) => {
        let packets = 0;
        (await window.peers.get(id)?.getStats())?.forEach((entry) => {
          if (entry.type === "inbound-rtp") packets += entry.packetsReceived;
        });
        return packets;
      }, call);
    },
    async break(call) {
      await page.evaluate((id) => window.peers.get(id).close(), call);
    },
  };
}
