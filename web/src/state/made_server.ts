// For the tests: the other end of a connection, scripted by hand, on the virtual clock.
import {
  decodeClient,
  encodeServer,
  isDecodeError,
  type ClientMessage,
  type ServerMessage,
} from "../protocol/messages";
import type { OpenSocket, SocketEvents } from "./connection.svelte";

type Kind = ClientMessage["type"];
export type Sent<T extends Kind> = Extract<ClientMessage, { type: T }>;

export class MadeServer {
  /** Everything that any connection has sent. */
  readonly heard: ClientMessage[] = [];
  connections = 0;
  /** While false, attempts to connect fail at once. */
  up = true;
  private events: SocketEvents | undefined;

  readonly open: OpenSocket = (events) => {
    this.connections += 1;
    if (this.up) {
      this.events = events;
      void Promise.resolve().then(() => {
        events.opened();
      });
    } else {
      void Promise.resolve().then(() => {
        events.closed();
      });
    }
    return {
      send: (text) => {
        if (this.events !== events) return;
        const message = decodeClient(text);
        if (isDecodeError(message)) throw new Error(message.text);
        this.heard.push(message);
      },
      close: () => {
        if (this.events === events) this.events = undefined;
      },
    };
  };

  get connected(): boolean {
    return this.events !== undefined;
  }

  send(message: ServerMessage): void {
    this.events?.received(encodeServer(message));
  }

  send_raw(text: string): void {
    this.events?.received(text);
  }

  cut(): void {
    const events = this.events;
    this.events = undefined;
    events?.closed();
  }

  all<T extends Kind>(type: T): Sent<T>[] {
    return this.heard.filter((message): message is Sent<T> => message.type === type);
  }

  /** The newest message of this kind; a test that expects one and finds none fails here. */
  last<T extends Kind>(type: T): Sent<T> {
    const message = this.all(type).at(-1);
    if (message === undefined) throw new Error(`no ${type} was sent`);
    return message;
  }

  welcome(options: { resumed?: boolean; joined?: string[]; name?: string; member?: number } = {}): void {
    const hello = this.last("hello");
    this.send({
      type: "welcome",
      request: hello.request,
      protocol: 1,
      session: "secret",
      resumed: options.resumed ?? false,
      member: options.member ?? 12,
      name: options.name ?? hello.name,
      server: "Earshot",
      version: "0.1.0",
      limits: {
        text_characters: 4000,
        name_characters: 32,
        history_page: 100,
        messages_per_second: 10,
        audio_slots: 8,
      },
      rooms: [],
      joined: options.joined ?? [],
    });
  }
}
