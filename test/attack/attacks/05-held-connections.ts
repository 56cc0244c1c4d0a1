import { equal, ok } from "node:assert/strict";
import { connect, type Socket } from "node:net";
import type { Attack } from "../attack.ts";

const CONNECTIONS = 300;

const hold = (port: number, beginning: string): { socket: Socket; closed: Promise<void> } => {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  socket.write(beginning);
  return { socket, closed: new Promise((resolve) => socket.on("close", () => resolve())) };
};

export const attacks: readonly Attack[] = [
  {
    finding: 5,
    name: "slowloris",
    sends: `${CONNECTIONS} connections whose headers never end, a byte every second`,
    healthy: "others are served meanwhile, and every connection is closed within 15 s",
    needsOwnStack: true,
    timeLimitSeconds: 25,
    async run({ apiUrl, signal }) {
      const port = Number(new URL(apiUrl).port);
      const held = Array.from({ length: CONNECTIONS }, () =>
        hold(port, "GET /devices HTTP/1.1\r\nHost: localhost\r\n"),
      );
      const dripping = setInterval(() => {
        for (const { socket } of held) if (socket.writable) socket.write("X");
      }, 1000);
      const startedMs = performance.now();
      signal.addEventListener("abort", () => {
        for (const { socket } of held) socket.destroy();
      });
      try {
        await Promise.all(held.map(({ closed }) => closed));
      } finally {
        clearInterval(dripping);
      }
      const seconds = (performance.now() - startedMs) / 1000;
      ok(seconds < 20, `closed after ${seconds.toFixed(1)} s`);
      return `closed after ${seconds.toFixed(1)} s`;
    },
  },
  {
    finding: 5,
    name: "answers that others could cache",
    sends: "requests of every kind, good and bad",
    healthy: "each answer says no-store and nosniff",
    async run({ send }) {
      const requests = [
        { path: "/" },
        { path: "/devices" },
        { path: "/devices/nobody-ever" },
        { path: "/openapi.json" },
        { path: "/devices", key: "bt_wrong" },
        { path: "/devices?colour=red" },
        { method: "POST", path: "/replays", body: "{" },
        { method: "POST", path: "/replays", body: "x".repeat(70_000) },
      ];
      for (const request of requests) {
        const { headers } = await send(request);
        equal(headers["cache-control"], "no-store", request.path);
        equal(headers["x-content-type-options"], "nosniff", request.path);
      }
      return undefined;
    },
  },
];
