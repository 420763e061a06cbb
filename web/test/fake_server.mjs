// A small stand-in for the daemon, for work on the client alone: serves web/dist with the daemon's headers and speaks the
// text part of the protocol. Voice is answered with `call_full`, or with a real WebRTC peer when a test gives one.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { randomBytes } from "node:crypto";
import { WebSocketServer } from "ws";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
export const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; " +
  "connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; " +
  "require-trusted-types-for 'script'; trusted-types svelte-trusted-html";
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};
const LIMITS = {
  text_characters: 4000,
  name_characters: 32,
  history_page: 100,
  messages_per_second: 10,
  audio_slots: 8,
};

export class FakeServer {
  constructor() {
    this.rooms = new Map();
    this.members = new Map();
    this.sessions = new Map();
    this.accepted = new Map();
    this.next_id = 1;
    this.next_member = 1;
    this.refuse_say = false;
    this.deaf = false;
    /** What `call_join` is answered with: a function from the request to a message. */
    this.call = ({ request }) => ({ type: "refused", request, code: "call_full", text: "The call is full." });
    this.room("#lobby").topic = "Come in, sit down";
    this.http = createServer((request, response) => this.serve(request, response));
    this.sockets = new WebSocketServer({ server: this.http, path: "/api/v1/socket" });
    this.sockets.on("connection", (socket) => this.connected(socket));
  }

  listen(port = 0) {
    return new Promise((resolve) => {
      this.http.listen(port, "127.0.0.1", () => resolve(`http://127.0.0.1:${this.http.address().port}`));
    });
  }
  close() {
    this.cut();
    this.sockets.close();
    this.http.closeAllConnections();
    return new Promise((resolve) => this.http.close(resolve));
  }
  /** Ends every connection without a word. */
  cut() {
    for (const socket of this.sockets.clients) socket.terminate();
  }

  serve(request, response) {
    if (this.deaf) return request.socket.destroy();
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const file = join(dist, path);
    const found = path !== "/" && existsSync(file) && statSync(file).isFile() ? file : join(dist, "index.html");
    response.writeHead(200, {
      "Content-Type": TYPES[extname(found)] ?? "application/octet-stream",
      "Content-Security-Policy": POLICY,
      "X-Content-Type-Options": "nosniff",
      "Referrer-Policy": "no-referrer",
      "Cache-Control": found.endsWith("index.html") ? "no-cache" : "public, max-age=31536000, immutable",
    });
    createReadStream(found).pipe(response);
  }

  room(name) {
    if (!this.rooms.has(name)) this.rooms.set(name, { name, topic: "", people: new Map(), messages: [] });
    return this.rooms.get(name);
  }
  summary(room) {
    const people = [...room.people.values()];
    return {
      name: room.name,
      topic: room.topic,
      people: people.length,
      in_call: people.filter((p) => p.in_call).length,
    };
  }
  /** A member without a connection, for pictures. */
  add_person(room, person) {
    const full = {
      member: this.next_member++,
      client: "browser",
      presence: "here",
      in_call: false,
      listen_only: false,
      muted: false,
      deafened: false,
      ...person,
    };
    this.room(room).people.set(full.member, full);
    this.tell(room, { type: "person_joined", room, person: full });
    this.tell_all({ type: "room_changed", room: this.summary(this.room(room)) });
    return full;
  }
  change_person(room, person) {
    this.room(room).people.set(person.member, person);
    this.tell(room, { type: "person_changed", room, person });
    this.tell_all({ type: "room_changed", room: this.summary(this.room(room)) });
  }
  post(room, from, text, time = Date.now()) {
    const message = { id: this.next_id++, time, member: from.member, name: from.name, text };
    this.room(room).messages.push(message);
    this.tell(room, { type: "message", room, message });
    return message;
  }
  tell(room, message) {
    for (const { member } of this.room(room).people.values()) this.members.get(member)?.send?.(message);
  }
  tell_all(message) {
    for (const member of this.members.values()) member.send?.(message);
  }

  connected(socket) {
    if (this.deaf) return socket.terminate();
    let me;
    const send = (message) => {
      if (socket.readyState === 1) socket.send(JSON.stringify(message));
    };
    socket.on("message", (data) => {
      const message = JSON.parse(data.toString());
      if (message.type === "hello") me = this.hello(message, send, socket) ?? me;
      else if (me !== undefined) this.handle(me, message, send);
    });
    socket.on("close", () => {
      if (me?.socket !== socket) return;
      me.send = undefined;
      for (const room of this.rooms.values()) {
        const person = room.people.get(me.member);
        if (person) this.change_person(room.name, { ...person, presence: "reconnecting" });
      }
    });
  }

  hello({ request, name, session }, send, socket) {
    const known = this.sessions.get(session);
    const taken = [...this.members.values()].some((m) => m !== known && m.name.toLowerCase() === name.toLowerCase());
    if (known === undefined && taken) {
      const text = `Somebody here is already called ${name}.`;
      send({ type: "refused", request, code: "name_taken", text, suggestion: `${name}2` });
      return undefined;
    }
    if (known?.send) {
      known.send({ type: "closing", reason: "replaced", text: "You are connected from another window now." });
      known.socket.close();
    }
    const me = known ?? { member: this.next_member++, name, session: randomBytes(16).toString("base64url") };
    Object.assign(me, { send, socket });
    this.members.set(me.member, me);
    this.sessions.set(me.session, me);
    const joined = [...this.rooms.values()].filter((room) => room.people.has(me.member));
    send({
      type: "welcome",
      request,
      protocol: 1,
      session: me.session,
      resumed: known !== undefined,
      member: me.member,
      name: me.name,
      server: "Earshot",
      version: "0.1.0",
      limits: LIMITS,
      rooms: [...this.rooms.values()].map((room) => this.summary(room)),
      joined: joined.map(({ name: room }) => room),
    });
    for (const room of joined) {
      this.change_person(room.name, { ...room.people.get(me.member), presence: "here" });
      send(this.picture(room));
    }
    return me;
  }

  picture(room, request) {
    const last = room.messages.at(-1)?.id;
    return {
      type: "joined",
      ...(request === undefined ? {} : { request }),
      room: room.name,
      topic: room.topic,
      people: [...room.people.values()],
      ...(last === undefined ? {} : { last_message: last }),
      slots: room.slots ?? [],
    };
  }

  handle(me, message, send) {
    const { type, request } = message;
    const room = message.room === undefined ? undefined : this.room(message.room);
    switch (type) {
      case "join":
        if (!room.people.has(me.member)) {
          this.add_person(room.name, { member: me.member, name: me.name });
        }
        return send(this.picture(room, request));
      case "leave":
        room.people.delete(me.member);
        this.tell(room.name, {
          type: "person_left",
          room: room.name,
          member: me.member,
          name: me.name,
          reason: "left",
        });
        return send({ type: "left", request, room: room.name });
      case "say":
        return this.say(me, message, room, send);
      case "direct": {
        const to = this.members.get(message.to);
        const direct = {
          type: "direct",
          id: this.next_id++,
          time: Date.now(),
          from: me.member,
          from_name: me.name,
          text: message.text,
        };
        if (!to) return send({ type: "refused", request, code: "no_such_member", text: "Nobody has that number." });
        for (const end of new Set([me, to])) end.send?.({ ...direct, to: to.member, to_name: to.name });
        return send({ type: "done", request });
      }
      case "history": {
        const { before, after } = message;
        const all = room.messages;
        const page =
          after === undefined
            ? all.filter(({ id }) => before === undefined || id < before).slice(-100)
            : all.filter(({ id }) => id > after).slice(0, 100);
        const complete =
          after === undefined ? page[0]?.id === all[0]?.id : page.at(-1)?.id === all.at(-1)?.id || page.length === 0;
        return send({ type: "history", request, room: room.name, messages: page, complete });
      }
      case "typing":
        return this.tell(room.name, { type: "typing", room: room.name, member: me.member });
      case "topic":
        room.topic = message.topic;
        this.tell(room.name, { type: "topic", room: room.name, topic: room.topic, name: me.name });
        return send({ type: "done", request });
      case "nick": {
        const old_name = me.name;
        me.name = message.name;
        for (const each of this.rooms.values()) {
          const person = each.people.get(me.member);
          if (!person) continue;
          each.people.set(me.member, { ...person, name: me.name });
          this.tell(each.name, {
            type: "person_changed",
            room: each.name,
            person: { ...person, name: me.name },
            old_name,
          });
        }
        return send({ type: "done", request });
      }
      case "ping":
        return send({ type: "pong", request });
      case "call_join":
        return Promise.resolve(this.call(message, me)).then(send, () => undefined);
      case "call_leave":
      case "call_answer":
        this.answered?.(message, me);
        return send({ type: "done", request });
      default:
        return undefined;
    }
  }

  say(me, { request, text, client_message_id }, room, send) {
    if (this.refuse_say) return send({ type: "refused", request, code: "flood", text: "That was too much at once." });
    const key = `${me.member} ${client_message_id}`;
    const before = this.accepted.get(key);
    if (before) return send({ type: "accepted", request, client_message_id, id: before.id, time: before.time });
    const message = this.post(room.name, me, text);
    this.accepted.set(key, message);
    return send({ type: "accepted", request, client_message_id, id: message.id, time: message.time });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await new FakeServer().listen(Number(process.argv[2] ?? 8090)));
}
