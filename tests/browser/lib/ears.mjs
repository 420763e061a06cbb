// What a page really plays, taken in the page itself. Both functions run there: they know nothing of this module.

/** An init script: notes every connection, every remote track, every element that plays, and every policy violation. */
export function install_ears() {
  const ears = { peers: [], tracks: [], elements: new Set(), violations: [], ran: [], context: undefined, hears: () => undefined };
  window.ears = ears;
  document.addEventListener("securitypolicyviolation", (event) => {
    ears.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
  });
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...how) {
      super(...how);
      ears.peers.push(this);
      this.addEventListener("track", ({ track }) => {
        ears.tracks.push({ track, peer: this });
        ears.hears(track);
      });
    }
    setRemoteDescription(description) {
      if (ears.tcp_only && description?.sdp) {
        const sdp = description.sdp.replace(/^a=candidate:\S+ \d+ udp .*\r\n/gim, "");
        return super.setRemoteDescription({ type: description.type, sdp });
      }
      return super.setRemoteDescription(description);
    }
  };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    ears.elements.add(this);
    return play.call(this);
  };
  /** How loud the page plays a track: its elements may be muted, turned down, or not playing at all. */
  ears.factor = (track) => {
    for (const element of ears.elements) {
      const plays = element.srcObject?.getTracks?.().includes(track) === true;
      if (plays && !element.paused && !element.muted) return element.volume;
    }
    return 0;
  };
  ears.open = async () => {
    if (ears.context !== undefined) return ears.context;
    const context = new AudioContext({ sampleRate: 48_000 });
    await context.audioWorklet.addModule("/test-ears.js");
    await context.resume();
    ears.context = context;
    return context;
  };
  const listen = (context, inputs, name, options) => {
    const merger = context.createChannelMerger(Math.max(1, inputs.length));
    inputs.forEach((node, index) => node.connect(merger, 0, index));
    const tap = new AudioWorkletNode(context, name, { processorOptions: options, channelCountMode: "max" });
    const silence = context.createGain();
    silence.gain.value = 0;
    merger.connect(tap).connect(silence).connect(context.destination);
    return { tap, end: () => [merger, tap, silence, ...inputs].forEach((node) => node.disconnect()) };
  };
  const text_of = (samples) => {
    const bytes = new Uint8Array(samples.buffer);
    let out = "";
    for (let at = 0; at < bytes.length; at += 32_768) out += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    return btoa(out);
  };
  /** Every live track on a channel of its own, 16 bits, as base64; silent channels are left out. */
  ears.record = async (seconds) => {
    const context = await ears.open();
    const tracks = ears.tracks.filter(({ track, peer }) => track.readyState === "live" && peer.connectionState !== "closed");
    const sources = tracks.map(({ track }) => {
      const gain = context.createGain();
      context.createMediaStreamSource(new MediaStream([track])).connect(gain);
      gain.gain.value = ears.factor(track);
      return { track, gain };
    });
    const follow = setInterval(() => {
      for (const { track, gain } of sources) gain.gain.value = ears.factor(track);
    }, 20);
    const frames = Math.round(seconds * 48_000);
    const { tap, end } = listen(context, sources.map(({ gain }) => gain), "recorder", { frames });
    const channels = await new Promise((resolve) => (tap.port.onmessage = ({ data }) => resolve(data)));
    clearInterval(follow);
    end();
    return channels.slice(0, tracks.length).map((samples) => (samples.some((sample) => sample !== 0) ? text_of(samples) : ""));
  };
  /** Milliseconds from the next click on a button of that name to the first sound of anybody else, with stations. */
  ears.time_join = async (button) => {
    const context = await ears.open();
    const times = {};
    document.addEventListener(
      "click",
      (event) => {
        if (times.click === undefined && event.target.closest("button")?.textContent.trim() === button) times.click = performance.now();
      },
      true,
    );
    ears.joined = new Promise((resolve) => {
      ears.hears = (track) => {
        const now = performance.now();
        times.offer ??= now;
        const peer = ears.peers.at(-1);
        peer.addEventListener("connectionstatechange", () => {
          if (peer.connectionState === "connected") times.connected ??= performance.now();
        });
        const source = context.createMediaStreamSource(new MediaStream([track]));
        const { tap, end } = listen(context, [source], "first_sound", {});
        tap.port.onmessage = () => {
          times.sound ??= performance.now();
          ears.hears = () => undefined;
          end();
          resolve(Object.fromEntries(Object.entries(times).map(([key, time]) => [key, time - times.click])));
        };
      };
    });
  };
}

/** The worklet's module, which the test serves at /test-ears.js: the page's policy allows scripts of its own origin. */
export const EARS_MODULE = `
registerProcessor("recorder", class extends AudioWorkletProcessor {
  constructor({ processorOptions: { frames } }) {
    super();
    this.frames = frames;
    this.at = 0;
    this.channels = [];
  }
  process([input]) {
    if (this.at >= this.frames) return false;
    const count = Math.min(128, this.frames - this.at);
    input.forEach((samples, channel) => {
      this.channels[channel] ??= new Int16Array(this.frames);
      for (let i = 0; i < count; ++i) this.channels[channel][this.at + i] = Math.max(-1, Math.min(1, samples[i])) * 32767;
    });
    this.at += count;
    if (this.at < this.frames) return true;
    this.port.postMessage(this.channels, this.channels.map(({ buffer }) => buffer));
    return false;
  }
});
registerProcessor("first_sound", class extends AudioWorkletProcessor {
  process([input]) {
    if (!input.some((samples) => samples.some((sample) => Math.abs(sample) > 1e-3))) return true;
    this.port.postMessage("sound");
    return false;
  }
});
`;
