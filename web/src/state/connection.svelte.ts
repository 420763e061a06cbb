// One connection to the daemon, kept alive: hello, answers to requests, signs of life, and coming back after a loss.
import {
  PROTOCOL,
  decodeServer,
  encodeClient,
  isDecodeError,
  type ClientMessage,
  type ClosingReason,
  type Refusal,
  type ServerMessage,
  type ServerWelcome,
} from "../protocol/messages";
import type { Clock, Random } from "./clock";

export interface Socket {
  send(text: string): void;
  close(): void;
}
export interface SocketEvents {
  opened(): void;
  received(text: string): void;
  closed(): void;
}
export type OpenSocket = (events: SocketEvents) => Socket;

export class Refused extends Error {
  constructor(
    readonly code: Refusal,
    text: string,
    readonly suggestion?: string,
  ) {
    super(text);
  }
}
export class ConnectionLost extends Error {}

interface Answers {
  join: "joined";
  leave: "left";
  say: "accepted";
  direct: "accepted" | "done" | "direct";
  topic: "done";
  nick: "done";
  history: "history";
  call_join: "call_offer";
  call_answer: "done";
  call_restart: "call_offer";
  call_leave: "done";
  remove: "done";
  mute_member: "done";
  operate: "done";
  ping: "pong";
}
export type Asking = {
  [K in keyof Answers]: Omit<Extract<ClientMessage, { type: K }>, "request">;
}[keyof Answers];
export type AnswerTo<T extends keyof Answers> = Extract<ServerMessage, { type: Answers[T] }>;
export type Telling = Extract<ClientMessage, { type: "typing" | "voice" | "quit" }>;

/** idle: not asked to connect. waiting: between two attempts. ended: will not try again by itself. */
export type Status = "idle" | "connecting" | "ready" | "waiting" | "ended";
export type EndReason = "replaced" | "server_full" | "version" | "quit" | "refused";

export interface ConnectionEvents {
  welcomed(welcome: ServerWelcome): void;
  received(message: ServerMessage): void;
  /** The connection that was ready is gone; it tries to come back unless `ended` says otherwise. */
  lost(): void;
  /** The machine slept for so long that what it knows of the call is old. */
  slept(duration_ms: number): void;
}

interface Waiting {
  readonly resolve: (message: ServerMessage) => void;
  readonly reject: (error: Error) => void;
}

const BACKOFF_MS = [500, 1000, 2000, 4000, 8000, 15_000] as const;
const JITTER = 0.3;
const QUIET_BEFORE_PING_MS = 12_000;
const PONG_WITHIN_MS = 15_000;
const PONG_AFTER_WAKE_MS = 4000;
const HELLO_WITHIN_MS = 10_000;
const LOST_AFTER_MS = 60_000;
const TICK_MS = 4000;
export const SLEPT_AFTER_MS = 60_000;

export class Connection {
  status = $state<Status>("idle");
  /** When the connection broke; undefined while it stands. */
  lost_at = $state<number>();
  /** True once it has been gone for a minute: time for a card instead of a toast. */
  long_lost = $state(false);
  closing = $state<ClosingReason>();
  ended = $state<EndReason>();
  session: string | undefined;

  private name = "";
  private socket: Socket | undefined;
  private generation = 0;
  private next_request = 1;
  private attempt = 0;
  private retry_after_ms: number | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private first_hello: Waiting | undefined;
  private hello_request = 0;
  private heard_at = 0;
  private ticked_at = 0;
  private cancel_retry: (() => void) | undefined;
  private cancel_tick: (() => void) | undefined;
  private cancel_pong: (() => void) | undefined;
  private cancel_hello: (() => void) | undefined;
  private cancel_long: (() => void) | undefined;

  constructor(
    private readonly open: OpenSocket,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly events: ConnectionEvents,
    private readonly agent: string,
  ) {}

  /** Connects and says hello. Refused when the name cannot be had; then the same connection takes another try. */
  start(name: string): Promise<ServerWelcome> {
    this.name = name;
    this.ended = undefined;
    return new Promise((resolve, reject) => {
      this.first_hello = {
        resolve: (message) => {
          resolve(message as ServerWelcome);
        },
        reject,
      };
      if (this.socket !== undefined && this.status === "connecting" && this.hello_request !== 0) this.say_hello();
      else this.connect();
    });
  }

  /** The name to come back with after a loss. */
  rename(name: string): void {
    this.name = name;
  }

  ask<T extends Asking>(message: T): Promise<AnswerTo<T["type"]>> {
    if (this.status !== "ready") return Promise.reject(new ConnectionLost("The connection is down."));
    const request = this.next_request++;
    return new Promise((resolve, reject) => {
      this.waiting.set(request, {
        resolve: (answer) => {
          resolve(answer as AnswerTo<T["type"]>);
        },
        reject,
      });
      this.write({ ...message, request });
    });
  }

  tell(message: Telling): void {
    if (this.status === "ready") this.write(message);
  }

  /** Try at once: the network is back, the page is visible again, or somebody pressed the button. */
  retry_now(): void {
    if (this.status === "waiting") this.connect();
    else if (this.status === "ready") this.probe(PONG_AFTER_WAKE_MS);
  }

  /** "Use here" after another window took over, or another try after the server was full. */
  reopen(): void {
    if (this.status !== "ended") return;
    this.ended = undefined;
    this.lost_at ??= this.clock.now();
    this.attempt = 0;
    this.connect();
  }

  quit(): void {
    this.tell({ type: "quit" });
    this.session = undefined;
    this.end("quit");
  }

  private connect(): void {
    this.drop_socket();
    this.cancel_retry?.();
    this.status = "connecting";
    this.closing = undefined;
    this.retry_after_ms = undefined;
    const generation = ++this.generation;
    const mine = (action: () => void) => (): void => {
      if (generation === this.generation) action();
    };
    this.cancel_hello = this.clock.after(
      HELLO_WITHIN_MS,
      mine(() => {
        this.broke();
      }),
    );
    this.socket = this.open({
      opened: mine(() => {
        this.say_hello();
      }),
      received: (text) => {
        if (generation === this.generation) this.receive(text);
      },
      closed: mine(() => {
        this.broke();
      }),
    });
  }

  private say_hello(): void {
    this.hello_request = this.next_request++;
    this.write({
      type: "hello",
      request: this.hello_request,
      protocol: PROTOCOL,
      name: this.name,
      kind: "browser",
      agent: this.agent,
      ...(this.session === undefined ? {} : { session: this.session }),
    });
  }

  private receive(text: string): void {
    const message = decodeServer(text);
    this.heard_at = this.clock.now();
    this.cancel_pong?.();
    this.cancel_pong = undefined;
    // An unknown type is a newer server's affair; a broken one cannot be trusted with more than a line in the console.
    if (isDecodeError(message)) {
      console.warn("earshot: a message was not understood:", message.text);
      this.settle_undecoded(message.request, message.text);
      return;
    }
    if (message.type === "welcome") this.welcome(message);
    else if (message.type === "refused" && message.request === this.hello_request) this.refuse_hello(message);
    else if (message.type === "closing") this.note_closing(message.reason, message.retry_after_ms);
    else this.pass_on(message);
  }

  private settle_undecoded(request: number | undefined, text: string): void {
    if (request === undefined) return;
    this.waiting.get(request)?.reject(new Refused("bad_request", text));
    this.waiting.delete(request);
  }

  private pass_on(message: ServerMessage): void {
    this.events.received(message);
    const request = "request" in message ? message.request : undefined;
    if (request === undefined) return;
    const waiting = this.waiting.get(request);
    this.waiting.delete(request);
    if (message.type === "refused") waiting?.reject(new Refused(message.code, message.text, message.suggestion));
    else waiting?.resolve(message);
  }

  private welcome(welcome: ServerWelcome): void {
    this.cancel_hello?.();
    this.hello_request = 0;
    this.session = welcome.session;
    this.name = welcome.name;
    this.attempt = 0;
    this.status = "ready";
    this.lost_at = undefined;
    this.long_lost = false;
    this.cancel_long?.();
    this.cancel_long = undefined;
    this.ticked_at = this.clock.now();
    this.schedule_tick();
    this.events.welcomed(welcome);
    this.first_hello?.resolve(welcome);
    this.first_hello = undefined;
  }

  private refuse_hello({ code, text, suggestion }: Extract<ServerMessage, { type: "refused" }>): void {
    this.cancel_hello?.();
    const first = this.first_hello;
    if (first !== undefined) {
      this.first_hello = undefined;
      first.reject(new Refused(code, text, suggestion));
      if (code === "version") this.end("version");
      return;
    }
    // Coming back: somebody took the name meanwhile, or the session has run out.
    if (code === "name_taken" && suggestion !== undefined) {
      this.name = suggestion;
      this.say_hello();
    } else if (code === "session_unknown" && this.session !== undefined) {
      this.session = undefined;
      this.say_hello();
    } else {
      this.end(code === "version" ? "version" : "refused");
    }
  }

  private note_closing(reason: ClosingReason, retry_after_ms: number | undefined): void {
    this.closing = reason;
    this.retry_after_ms = retry_after_ms;
    if (reason === "replaced") this.end("replaced");
    else if (reason === "server_full") this.end("server_full");
  }

  private broke(): void {
    const was_ready = this.status === "ready";
    this.drop_socket();
    if (this.first_hello !== undefined && this.lost_at === undefined) {
      // Never been in: the join screen shows the error and keeps what was typed.
      this.status = "idle";
      const first = this.first_hello;
      this.first_hello = undefined;
      first.reject(new ConnectionLost("The server does not answer."));
      return;
    }
    this.begin_loss();
    this.status = "waiting";
    this.cancel_retry = this.clock.after(this.delay_ms(), () => {
      this.connect();
    });
    this.forget_requests();
    if (was_ready) this.events.lost();
  }

  private begin_loss(): void {
    this.lost_at ??= this.clock.now();
    this.cancel_long ??= this.clock.after(LOST_AFTER_MS, () => {
      this.long_lost = this.status !== "ready";
    });
  }

  private delay_ms(): number {
    const step = BACKOFF_MS[Math.min(this.attempt, BACKOFF_MS.length - 1)] ?? 15_000;
    this.attempt += 1;
    return Math.max(step, this.retry_after_ms ?? 0) * (1 + JITTER * this.random());
  }

  private end(reason: EndReason): void {
    const was_ready = this.status === "ready";
    this.status = "ended";
    this.ended = reason;
    this.drop_socket();
    this.cancel_retry?.();
    this.cancel_long?.();
    this.cancel_long = undefined;
    this.long_lost = false;
    this.forget_requests();
    if (was_ready) this.events.lost();
  }

  private forget_requests(): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(new ConnectionLost("The connection was lost."));
  }

  private schedule_tick(): void {
    this.cancel_tick?.();
    this.cancel_tick = this.clock.after(TICK_MS, () => {
      this.tick();
    });
  }

  private tick(): void {
    const now = this.clock.now();
    const gap = now - this.ticked_at;
    this.ticked_at = now;
    if (gap > SLEPT_AFTER_MS) {
      this.events.slept(gap);
      this.probe(PONG_AFTER_WAKE_MS);
    } else if (now - this.heard_at >= QUIET_BEFORE_PING_MS) {
      this.probe(PONG_WITHIN_MS);
    }
    this.schedule_tick();
  }

  /** A sign of life is asked for; silence is a loss. */
  private probe(within_ms: number): void {
    if (this.status !== "ready" || this.cancel_pong !== undefined) return;
    this.write({ type: "ping", request: this.next_request++ });
    this.cancel_pong = this.clock.after(within_ms, () => {
      this.cancel_pong = undefined;
      this.broke();
    });
  }

  private write(message: ClientMessage): void {
    this.socket?.send(encodeClient(message));
  }

  private drop_socket(): void {
    this.generation += 1;
    this.cancel_tick?.();
    this.cancel_pong?.();
    this.cancel_pong = undefined;
    this.cancel_hello?.();
    this.hello_request = 0;
    this.socket?.close();
    this.socket = undefined;
  }
}
