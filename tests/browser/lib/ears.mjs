// What a page really plays, taken in the page itself. The function runs there: it knows nothing of this module.
//
// The page's policy stays in force, so there is no module for an AudioWorklet; a script processor needs none.

/** An init script: notes every connection, every remote track, every element that plays, and every policy violation. */
export function install_ears() {
  const ears = {
    peers: [],
    tracks: [],
    elements: new Set(),
    violations: [],
    ran: [],
    context: undefined,
    hears: () => undefined,
  };
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
    await context.resume();
    ears.context = context;
    return context;
  };
  /** Calls `take` with one array of samples for each input, until `end`. */
  const listen = (context, inputs, frames, take) => {
    const merger = context.createChannelMerger(Math.max(1, inputs.length));
    inputs.forEach((node, index) => node.connect(merger, 0, index));
    const tap = context.createScriptProcessor(frames, Math.max(1, inputs.length), 1);
    tap.onaudioprocess = ({ inputBuffer }) => take(inputs.map((_, index) => inputBuffer.getChannelData(index)));
    merger.connect(tap).connect(context.destination);
    return () => {
      tap.onaudioprocess = null;
      for (const node of [merger, tap, ...inputs]) node.disconnect();
    };
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
    const tracks = ears.tracks.filter(
      ({ track, peer }) => track.readyState === "live" && peer.connectionState !== "closed",
    );
    const sources = tracks.map(({ track }) => {
      const gain = context.createGain();
      context.createMediaStreamSource(new MediaStream([track])).connect(gain);
      gain.gain.value = ears.factor(track);
      return { track, gain };
    });
    const follow = setInterval(() => {
      for (const { track, gain } of sources) gain.gain.value = ears.factor(track);
    }, 20);
    const wanted = Math.round(seconds * 48_000);
    const channels = sources.map(() => new Int16Array(wanted));
    let at = 0;
    await new Promise((resolve) => {
      const end = listen(
        context,
        sources.map(({ gain }) => gain),
        16_384,
        (parts) => {
          const count = Math.min(wanted - at, 16_384);
          parts.forEach((samples, channel) => {
            for (let i = 0; i < count; ++i) channels[channel][at + i] = Math.max(-1, Math.min(1, samples[i])) * 32_767;
          });
          at += count;
          if (at < wanted) return;
          end();
          resolve();
        },
      );
    });
    clearInterval(follow);
    return channels.map((samples) => (samples.some((sample) => sample !== 0) ? text_of(samples) : ""));
  };
  /** Milliseconds from the next click on a button of that name to the first sound of anybody else, with stations. */
  ears.time_join = async (button) => {
    const context = await ears.open();
    const times = {};
    document.addEventListener(
      "click",
      (event) => {
        if (times.click === undefined && event.target.closest("button")?.textContent.trim() === button)
          times.click = performance.now();
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
        const end = listen(context, [source], 256, ([samples]) => {
          if (!samples.some((sample) => Math.abs(sample) > 1e-3)) return;
          times.sound ??= performance.now();
          ears.hears = () => undefined;
          end();
          resolve(Object.fromEntries(Object.entries(times).map(([key, time]) => [key, time - times.click])));
        });
      };
    });
  };
}
