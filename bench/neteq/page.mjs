// What runs inside of the page.

/** As many conversations as there are weathers; each sends to its own receiver through its own relay. */
export async function talk_through(count) {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false } });
  globalThis.receivers = [];
  globalThis.encoded = [];
  for (let index = 0; index < count; ++index) {
    const speaker = new RTCPeerConnection({ encodedInsertableStreams: true });
    const listener = new RTCPeerConnection();
    const sender = speaker.addTrack(microphone.getAudioTracks()[0].clone(), microphone);
    globalThis.encoded.push(globalThis.write_down(sender.createEncodedStreams()));
    const element = new Audio();
    listener.ontrack = ({ streams }) => {
      element.srcObject = streams[0];
      element.play();
    };
    const gathered = new Promise((done) => {
      listener.onicecandidate = ({ candidate }) => {
        if (candidate?.protocol === "udp" && candidate.address.includes(".")) done(candidate);
      };
    });
    await speaker.setLocalDescription(await speaker.createOffer());
    await listener.setRemoteDescription(speaker.localDescription);
    await listener.setLocalDescription(await listener.createAnswer());
    await speaker.setRemoteDescription(listener.localDescription);
    const candidate = await gathered;
    const port = await globalThis.relay_to(index, candidate.address, candidate.port);
    await speaker.addIceCandidate({ candidate: `candidate:1 1 udp 2113937151 127.0.0.1 ${port} typ host`, sdpMid: "0", sdpMLineIndex: 0 });
    globalThis.receivers.push(listener);
  }
}

/** Every Opus packet of a sender, with its RTP timestamp. */
export function write_down({ readable, writable }) {
  const packets = [];
  const note = new TransformStream({
    transform(frame, controller) {
      const bytes = [...new Uint8Array(frame.data)];
      packets.push([frame.getMetadata().rtpTimestamp ?? frame.timestamp, bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")]);
      controller.enqueue(frame);
    },
  });
  readable.pipeThrough(note).pipeTo(writable);
  return packets;
}

export async function figures() {
  const all = [];
  for (const listener of globalThis.receivers) {
    const report = await listener.getStats();
    const rows = [...report.values()];
    const voice = rows.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
    const codec = report.get(voice?.codecId);
    all.push({ ...voice, codec: `${codec?.mimeType} ${codec?.sdpFmtpLine}` });
  }
  return all;
}
