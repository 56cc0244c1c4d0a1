import { type AddressInfo, createServer } from "node:net";
import { failure, systemCode, wrongUse } from "./failure.ts";

/** Listens for a moment, to learn whether that works; 0 stands for any free port. Returns the port. */
const tryPort = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const { port: taken } = server.address() as AddressInfo;
      server.close(() => resolve(taken));
    });
  });

/** A port that nobody listens on now. */
export const freePort = (): Promise<number> => tryPort(0);

/** Raises a CommandFailure that says why the port can't be had. */
export const checkPort = async (port: number): Promise<void> => {
  try {
    await tryPort(port);
  } catch (error) {
    const code = systemCode(error);
    if (code === "EADDRINUSE") {
      throw failure(`port ${port} is in use; stop what listens there, or choose another with --port`);
    }
    if (code === "EACCES")
      throw wrongUse(`port ${port} may not be used by this account; choose one above 1023`);
    throw error;
  }
};
