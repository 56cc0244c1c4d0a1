import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { INVOKE_TOKEN_HEADER } from "../../hosts/openfaas/invocation.ts";

/** A call of a function, as the host of functions saw it. */
export interface Call {
  readonly functionName: string;
  readonly event: Record<string, unknown>;
  readonly token: string | undefined;
}

/** Stands in for every group of functions, and notes each call. */
export interface CountingHost {
  readonly url: string;
  readonly calls: readonly Call[];
  /** Calls that are not answered yet. */
  readonly inFlight: number;
  close(): Promise<void>;
}

/** Answers each call with what `work` makes of it; as a host that takes no calls when it rejects. */
export const startCountingHost = async (work: (call: Call) => Promise<unknown>): Promise<CountingHost> => {
  const calls: Call[] = [];
  let inFlight = 0;
  const server = createServer(async (request, response) => {
    const functionName = /functions\/([^/]+)\/invocations$/.exec(request.url ?? "")?.[1] ?? "";
    const event = (await json(request)) as Record<string, unknown>;
    const call = { functionName, event, token: request.headers[INVOKE_TOKEN_HEADER]?.toString() };
    calls.push(call);
    inFlight++;
    try {
      response.end(JSON.stringify((await work(call)) ?? null));
    } catch (error) {
      response.writeHead(503).end(String(error));
    } finally {
      inFlight--;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    get inFlight() {
      return inFlight;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
