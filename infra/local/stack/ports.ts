import { type AddressInfo, createServer, type Server } from "node:net";
import { failure, systemCode, wrongUse } from "../../command/failure.ts";

/** 0 stands for any free port. */
const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** `count` different ports that nobody listens on now: each is held until the last one is found. */
export const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  return ports;
};

/** A port that nobody listens on now. */
export const freePort = async (): Promise<number> => (await freePorts(1))[0];

/** Raises a CommandFailure that says why the port is not available. */
export const checkPort = async (port: number): Promise<void> => {
  try {
    await close(await listen(port));
  } catch (error) {
    const code = systemCode(error);
    if (code === "EADDRINUSE") {
      throw failure(`port ${port} is in use; stop what listens there, or choose another with --port`);
    }
    if (code === "EACCES") throw wrongUse(`this account may not use port ${port}; choose one above 1023`);
    throw error;
  }
};
