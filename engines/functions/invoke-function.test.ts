import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { FunctionError, HostUnreachableError, PerhapsRanError } from "./call-errors.ts";
import { type HttpInvoke, httpInvoke } from "./invoke-function.ts";

const servers: Server[] = [];
const invokers: HttpInvoke[] = [];

const host = async (listener: RequestListener, timeoutSeconds = 30, isFunctionHost?: boolean) => {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const invoker = httpInvoke({ endpoint, isFunctionHost, timeoutSeconds: () => timeoutSeconds });
  invokers.push(invoker);
  return { invoke: invoker.invoke, server };
};

afterEach(async () => {
  for (const invoker of invokers.splice(0)) invoker.close();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** As serverless-offline reports an error. */
const fail = (payload: object): RequestListener => {
  return (_request, response) => {
    response.setHeader("X-Amz-Function-Error", "Unhandled");
    response.end(JSON.stringify(payload));
  };
};

describe("httpInvoke", () => {
  it("posts the event to the Lambda API and gives back the result", async () => {
    const { invoke } = await host(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const event = JSON.parse(Buffer.concat(chunks).toString());
      response.end(JSON.stringify({ url: request.url, event }));
    });
    expect(await invoke("play-replay", { a: 1 })).toEqual({
      url: "/2015-03-31/functions/play-replay/invocations",
      event: { a: 1 },
    });
  });

  it("takes an empty answer for null", async () => {
    const { invoke } = await host((_request, response) => response.end());
    expect(await invoke("f", {})).toBeNull();
  });

  it("rejects with the function's error by its name", async () => {
    const { invoke } = await host(
      fail({ errorType: "RecordingNotFoundError", errorMessage: "no r1", trace: ["a"] }),
    );
    const error = await invoke("f", {}).catch((reason) => reason);
    expect(error).toBeInstanceOf(FunctionError);
    expect(error).toMatchObject({ name: "RecordingNotFoundError", message: "no r1", trace: ["a"] });
  });

  it("finds the name in the stack where the host calls every error Error", async () => {
    const { invoke } = await host(
      fail({ errorType: "Error", errorMessage: "no r1", trace: ["NotFoundError: no r1", "    at x"] }),
    );
    await expect(invoke("f", {})).rejects.toMatchObject({ name: "NotFoundError", message: "no r1" });
    const plain = await host(fail({ errorType: "Error", errorMessage: "x", trace: ["Error: x"] }));
    await expect(plain.invoke("f", {})).rejects.toMatchObject({ name: "Error" });
  });

  it("tells a host that is not there, or not ready, from a function that fails", async () => {
    const { invoke, server } = await host((_request, response) => {
      response.statusCode = 404;
      response.end("{}");
    });
    await expect(invoke("f", {})).rejects.toBeInstanceOf(HostUnreachableError);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await expect(invoke("f", {})).rejects.toBeInstanceOf(HostUnreachableError);
  });

  it("knows that nothing ran where no connection came about", async () => {
    const { server } = await host((_request, response) => response.end("{}"));
    const silent = createTcpServer();
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const sockets: Socket[] = [];
    silent.on("connection", (socket) => sockets.push(socket.on("error", () => {})));
    for (const { port } of [server.address() as AddressInfo, silent.address() as AddressInfo]) {
      // One that has no TLS, and one that never answers its greeting.
      const invoker = httpInvoke({ endpoint: `https://127.0.0.1:${port}`, timeoutSeconds: () => 0 });
      invokers.push(invoker);
      await expect(invoker.invoke("x", {})).rejects.toThrow(HostUnreachableError);
    }
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });

  it("calls an event that the host refuses a failure, since waiting would not help", async () => {
    const { invoke } = await host((_request, response) => {
      response.statusCode = 413;
      response.end();
    });
    await expect(invoke("f", {})).rejects.toMatchObject({ name: "Lambda.AWSLambdaException" });
  });

  /** Before the answer, and in the middle of it. */
  const BREAKING: readonly RequestListener[] = [
    (request) => request.socket.destroy(),
    (request, response) => {
      response.write('{"a"');
      setImmediate(() => request.socket.destroy());
    },
  ];

  it("does not know whether the function ran when the connection to its host breaks; it is over", async () => {
    for (const listener of BREAKING) {
      const { invoke } = await host(listener, 900, true);
      await expect(invoke("f", {})).rejects.toMatchObject({
        name: "PerhapsRanError",
        mayRunForMilliseconds: 0,
      });
    }
  });

  it("says that the function may run on when the connection to a gateway breaks", async () => {
    for (const listener of BREAKING) {
      const { invoke } = await host(listener, 900);
      const error = (await invoke("f", {}).catch((reason) => reason)) as PerhapsRanError;
      expect(error).toBeInstanceOf(PerhapsRanError);
      expect(error.mayRunForMilliseconds).toBeGreaterThan(800_000);
      expect(error.mayRunForMilliseconds).toBeLessThanOrEqual(900_000);
    }
  });

  it("says how long the function may run on when a gateway has given up on it", async () => {
    const { invoke } = await host((_request, response) => {
      response.statusCode = 504;
      response.end("gateway timeout");
    }, 900);
    const error = (await invoke("f", {}).catch((reason) => reason)) as PerhapsRanError;
    expect(error).toBeInstanceOf(PerhapsRanError);
    expect(error.mayRunForMilliseconds).toBeGreaterThan(800_000);
    expect(error.mayRunForMilliseconds).toBeLessThanOrEqual(900_000);
  });

  it("takes the watchdog's time limit for the function's", async () => {
    const { invoke } = await host((_request, response) => {
      response.setHeader("X-OpenFaaS-Internal", "of-watchdog");
      response.statusCode = 504;
      response.end();
    });
    await expect(invoke("f", {})).rejects.toMatchObject({ name: "Sandbox.Timedout" });
  });

  it("ends a call at the function's time limit, and when told to", async () => {
    const { invoke } = await host(() => {}, -1.95);
    await expect(invoke("f", {})).rejects.toMatchObject({ name: "Sandbox.Timedout" });
    const patient = await host(() => {});
    await expect(patient.invoke("f", {}, AbortSignal.timeout(10))).rejects.toMatchObject({
      name: "TimeoutError",
    });
  });
});
