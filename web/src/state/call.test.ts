import { beforeEach, describe, expect, test } from "vitest";
import type { ClientMessage, ServerMessage } from "../protocol/messages";
import {
  Call,
  MicrophoneError,
  type Line,
  type CallMedia,
  type CallNotice,
  type MicrophoneTrouble,
} from "./call.svelte";
import { VirtualClock, settle } from "./clock";
import { ConnectionLost, Refused } from "./connection.svelte";
import type { VoiceMode } from "./preferences.svelte";

class MadeMedia implements CallMedia {
  trouble: MicrophoneTrouble | undefined;
  microphone = false;
  on = false;
  heard = true;
  fresh: boolean[] = [];
  hung_up = 0;
  allowed = false;
  opening: Promise<void> | undefined;
  microphone_allowed(): Promise<boolean> {
    return Promise.resolve(this.allowed);
  }
  open_microphone(): Promise<void> {
    if (this.trouble !== undefined) return Promise.reject(new MicrophoneError(this.trouble));
    if (this.opening !== undefined) return this.opening;
    this.microphone = true;
    return Promise.resolve();
  }
  close_microphone(): void {
    this.microphone = false;
  }
  answer(offer: string, fresh: boolean): Promise<string> {
    this.fresh.push(fresh);
    return Promise.resolve(`answer to ${offer}`);
  }
  transmit(on: boolean): void {
    this.on = on;
  }
  hear(on: boolean): void {
    this.heard = on;
  }
  hang_up(): void {
    this.hung_up += 1;
  }
}

type Asked = Omit<ClientMessage, "request"> & { type: ClientMessage["type"] };

class MadeLine {
  asked: Asked[] = [];
  told: Asked[] = [];
  refusal: Refused | undefined;
  down = false;
  next_call = 77;
  ask(message: Asked): Promise<ServerMessage> {
    if (this.down) return Promise.reject(new ConnectionLost("down"));
    this.asked.push(message);
    if (this.refusal !== undefined && message.type !== "call_leave") return Promise.reject(this.refusal);
    if (message.type === "call_join") this.next_call += 1;
    const offers = message.type === "call_join" || message.type === "call_restart";
    return Promise.resolve(
      offers
        ? { type: "call_offer", request: 1, call: this.next_call, room: "#lobby", sdp: `offer ${this.asked.length}` }
        : { type: "done", request: 1 },
    );
  }
  tell(message: Asked): void {
    this.told.push(message);
  }
  types(): string[] {
    return this.asked.map(({ type }) => type);
  }
}

let clock: VirtualClock;
let media: MadeMedia;
let line: MadeLine;
let mode: VoiceMode;
let notices: CallNotice[];
let call: Call;

beforeEach(() => {
  clock = new VirtualClock();
  media = new MadeMedia();
  line = new MadeLine();
  mode = "voice";
  notices = [];
  call = new Call(
    line as unknown as Line,
    media,
    clock,
    () => mode,
    () => 200,
    {
      notice: (notice) => notices.push(notice),
      trouble: () => undefined,
      phase: () => undefined,
    },
  );
});

async function in_call(): Promise<void> {
  expect(await call.join("#lobby", false)).toBe(true);
  call.link_changed("connected");
  expect(call.phase).toBe("in");
}

describe("joining", () => {
  test("opens the microphone, answers the offer, and lets the voice through", async () => {
    await in_call();
    expect(line.types()).toEqual(["call_join", "call_answer"]);
    expect(line.asked[1]).toMatchObject({ call: 78, sdp: "answer to offer 1" });
    expect(media).toMatchObject({ microphone: true, on: true, fresh: [true] });
  });

  test("is not held up by a microphone that opens slowly, once it is allowed", async () => {
    media.allowed = true;
    let opened = (): void => undefined;
    media.opening = new Promise((resolve) => {
      opened = resolve;
    });
    const joined = call.join("#lobby", false);
    await clock.advance(0);
    expect(line.types()).toEqual(["call_join", "call_answer"]);
    call.link_changed("connected");
    expect(call.phase).toBe("in");
    opened();
    expect(await joined).toBe(true);
  });

  test("a microphone that opens after one has left is closed again", async () => {
    let opened = (): void => undefined;
    media.opening = new Promise((resolve) => {
      opened = resolve;
    });
    const joined = call.join("#lobby", false);
    await clock.advance(0);
    await call.leave();
    media.microphone = true;
    opened();
    expect(await joined).toBe(false);
    expect(media.microphone).toBe(false);
  });

  test("is undone when the allowed microphone does not open", async () => {
    media.allowed = true;
    media.trouble = "busy";
    expect(await call.join("#lobby", false)).toBe(false);
    expect(call).toMatchObject({ phase: "out", trouble: "busy" });
    expect(line.types().at(-1)).toBe("call_leave");
    expect(line.types()).not.toContain("call_answer");
  });

  test("to listen asks for no microphone and sends nothing", async () => {
    await call.join("#lobby", true);
    call.link_changed("connected");
    expect(media).toMatchObject({ microphone: false, on: false });
    expect(line.asked[0]).toMatchObject({ listen_only: true });
  });

  test.each(["denied", "none", "busy", "insecure"] as const)(
    "without a microphone (%s) stays outside",
    async (trouble) => {
      media.trouble = trouble;
      expect(await call.join("#lobby", false)).toBe(false);
      expect(call).toMatchObject({ phase: "out", trouble });
      expect(line.types()).toEqual([]);
    },
  );

  test("a full call is told of", async () => {
    line.refusal = new Refused("call_full", "Full.");
    expect(await call.join("#lobby", false)).toBe(false);
    expect(notices).toEqual(["call_full"]);
    expect(media.microphone).toBe(false);
  });

  test("leaving in the middle of joining leaves nothing open", async () => {
    const joining = call.join("#lobby", false);
    await call.leave();
    await joining;
    expect(call.phase).toBe("out");
    expect(media.on).toBe(false);
  });
});

describe("mute and deafen", () => {
  test("muting closes the gate and tells the house", async () => {
    await in_call();
    call.set_muted(true);
    expect(media.on).toBe(false);
    expect(line.told.at(-1)).toEqual({ type: "voice", muted: true, deafened: false });
  });

  test("deafening mutes too, and hearing again brings back what was", async () => {
    await in_call();
    call.set_deafened(true);
    expect(call.muted).toBe(true);
    expect(media).toMatchObject({ on: false, heard: false });
    call.set_deafened(false);
    expect(call.muted).toBe(false);
    expect(media).toMatchObject({ on: true, heard: true });
    call.set_muted(true);
    call.set_deafened(true);
    call.set_deafened(false);
    expect(call.muted).toBe(true);
  });

  test("unmuting while deaf means to hear again", async () => {
    await in_call();
    call.set_deafened(true);
    call.set_muted(false);
    expect(call.deafened).toBe(false);
    expect(media).toMatchObject({ on: true, heard: true });
  });
});

describe("push to talk fails closed", () => {
  beforeEach(async () => {
    mode = "ptt";
    await in_call();
  });

  test("nothing is sent before the key is held, and 200 ms after it is let go nothing more", async () => {
    expect(media.on).toBe(false);
    call.press_talk();
    expect(media.on).toBe(true);
    call.release_talk();
    await clock.advance(199);
    expect(media.on).toBe(true);
    await clock.advance(1);
    expect(media.on).toBe(false);
  });

  test("a lost focus closes at once, whatever the key says", () => {
    call.press_talk();
    call.close_talk();
    expect(media.on).toBe(false);
  });

  test("a lost connection closes at once", () => {
    call.press_talk();
    call.connection_lost();
    expect(media.on).toBe(false);
  });

  test("muted stays muted while the key is held", () => {
    call.set_muted(true);
    call.press_talk();
    expect(media.on).toBe(false);
  });

  test("a new press keeps the gate open over an old release", async () => {
    call.press_talk();
    call.release_talk();
    await clock.advance(100);
    call.press_talk();
    await clock.advance(1000);
    expect(media.on).toBe(true);
  });

  test("changing the mode while talking does not leave the key pressed", () => {
    call.press_talk();
    mode = "voice";
    call.mode_changed();
    expect(call.talking).toBe(false);
  });
});

describe("getting the voice back", () => {
  test("first by a restart of the path, on the same call", async () => {
    await in_call();
    call.link_changed("disconnected");
    expect(call.phase).toBe("reconnecting");
    await clock.advance(500);
    expect(line.types().slice(2)).toEqual(["call_restart", "call_answer"]);
    expect(media.fresh).toEqual([true, false]);
    call.link_changed("connected");
    expect(call.phase).toBe("in");
    await clock.advance(60_000);
    expect(line.types()).toHaveLength(4);
  });

  test("then by a new call, within four seconds", async () => {
    await in_call();
    call.link_changed("failed");
    await clock.advance(4000);
    expect(line.types().slice(2, 6)).toEqual(["call_restart", "call_answer", "call_join", "call_answer"]);
    expect(media.fresh.at(-1)).toBe(true);
  });

  test("a path that mends itself needs nothing", async () => {
    await in_call();
    call.link_changed("disconnected");
    await clock.advance(300);
    call.link_changed("connected");
    await clock.advance(10_000);
    expect(line.types()).toHaveLength(2);
  });

  test("after the connection was lost: nothing when the house kept the call", async () => {
    await in_call();
    call.connection_lost();
    call.room_joined("#lobby", true);
    await settle();
    expect(line.types()).toHaveLength(2);
    expect(call.phase).toBe("in");
  });

  test("after the connection was lost: a new call when the house did not", async () => {
    await in_call();
    call.set_muted(true);
    call.connection_lost();
    call.room_joined("#lobby", false);
    await clock.advance(0);
    expect(line.asked.at(-2)).toMatchObject({ type: "call_join", muted: true });
    expect(notices).toEqual([]);
  });

  test("while the connection is down it waits for the room", async () => {
    await in_call();
    line.down = true;
    call.link_changed("failed");
    await clock.advance(60_000);
    expect(call.phase).toBe("reconnecting");
    line.down = false;
    call.room_joined("#lobby", false);
    await clock.advance(0);
    call.link_changed("connected");
    expect(call.phase).toBe("in");
  });

  test("a call that failed on the server is joined again; one that was taken over is not", async () => {
    await in_call();
    call.receive({ type: "call_ended", call: 78, room: "#lobby", reason: "failed" });
    await clock.advance(0);
    expect(line.asked.at(-2)).toMatchObject({ type: "call_join" });
    call.receive({ type: "call_ended", call: 79, room: "#lobby", reason: "replaced" });
    expect(call.phase).toBe("out");
    expect(notices).toEqual(["replaced"]);
  });

  test("the end of another call is not ours", async () => {
    await in_call();
    call.receive({ type: "call_ended", call: 5, room: "#lobby", reason: "left" });
    expect(call.phase).toBe("in");
  });

  test("after a long sleep it comes back muted", async () => {
    await in_call();
    call.slept();
    await clock.advance(0);
    expect(line.asked.at(-2)).toMatchObject({ type: "call_join", muted: true });
    expect(media.on).toBe(false);
    expect(notices).toEqual(["away_muted"]);
  });

  test("an offer that nobody asked for changes the call that stands", async () => {
    await in_call();
    call.receive({ type: "call_offer", call: 78, room: "#lobby", sdp: "more" });
    await settle();
    expect(line.asked.at(-1)).toMatchObject({ type: "call_answer", sdp: "answer to more" });
    expect(media.fresh).toEqual([true, false]);
  });
});

describe("muted by somebody else", () => {
  test("closes the microphone, tells the house that one knows, and only one's own hand opens it again", async () => {
    await in_call();
    line.told = [];
    call.receive({ type: "muted_by", room: "#lobby", by: 9, by_name: "Bo" });
    expect(call.muted).toBe(true);
    expect(media.on).toBe(false);
    expect(notices).toEqual(["muted_by"]);
    expect(line.told).toEqual([{ type: "voice", muted: true, deafened: false }]);
    call.set_muted(false);
    expect(media.on).toBe(true);
    expect(line.told.at(-1)).toEqual({ type: "voice", muted: false, deafened: false });
  });

  test("a mute that comes while one is deafened holds when one hears again", async () => {
    await in_call();
    call.set_deafened(true);
    call.receive({ type: "muted_by", room: "#lobby", by: 9, by_name: "Bo" });
    call.set_deafened(false);
    expect(call.muted).toBe(true);
    expect(media.on).toBe(false);
  });
});
