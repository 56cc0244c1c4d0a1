import { randomUUID } from "node:crypto";
import { type AddressInfo, connect, createServer } from "node:net";

/** How others can tell that a process still runs: this port answers with its token. */
export interface PresenceToken {
  readonly port: number;
  readonly token: string;
}

export interface Presence extends PresenceToken {
  end(): Promise<void>;
}

const ANSWER_MILLISECONDS = 500;

/**
 * Shows that this process runs, for as long as it does. A process id may belong to another process by the
 * time it is read, and a file outlives kill -9; a listening socket has neither problem.
 */
export const showPresence = (): Promise<Presence> => {
  const token = randomUUID();
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.end(token);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      resolve({
        port: (server.address() as AddressInfo).port,
        token,
        end: () => new Promise((ended) => server.close(() => ended())),
      });
    });
  });
};

/** Whether the process with this presence still runs; if it says nothing in time, it is taken to be gone. */
export const isPresent = async (presence: PresenceToken): Promise<boolean> =>
  (await seePresence(presence)) === "present";

/**
 * `gone` is certain: nobody listens there, or somebody else does. `silent` is not: somebody listens but says
 * nothing in time, such as a process that is busy or stopped.
 */
export const seePresence = ({ port, token }: PresenceToken): Promise<"present" | "gone" | "silent"> =>
  new Promise((resolve) => {
    let received = "";
    let isLate = false;
    const socket = connect({ port, host: "127.0.0.1" });
    socket.setTimeout(ANSWER_MILLISECONDS, () => {
      isLate = true;
      socket.destroy();
    });
    socket.setEncoding("utf8");
    socket.on("data", (text) => {
      received += text;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (received === token) resolve("present");
      else resolve(isLate ? "silent" : "gone");
    });
  });
