// The browser's WebSocket behind the connection's small interface.
import type { OpenSocket } from "./state/connection.svelte";

export const open_socket: OpenSocket = (events) => {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(`${scheme}//${location.host}/api/v1/socket`, "earshot.v1");
  socket.addEventListener("open", () => {
    events.opened();
  });
  socket.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (typeof event.data === "string") events.received(event.data);
  });
  socket.addEventListener("close", () => {
    events.closed();
  });
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      socket.close();
    },
  };
};
