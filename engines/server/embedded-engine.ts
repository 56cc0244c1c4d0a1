import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import {
  type Answer,
  type EngineRequest,
  type EngineResponse,
  type RunningServer,
  type ServeOptions,
  serve,
} from "./http-server.ts";

/*
 * Puts kinesalite and dynalite behind our own server. Both are `http.Server`s that throw on a client which
 * disconnects in the middle of a request, and that would end the whole stack; so they never see a socket:
 * each request is handed to the engine's request listener as an object, already read, and its response is
 * caught as an object.
 */

type RequestListener = (request: EventEmitter, response: object) => void;

/** The part of a response that the engines use. */
const catchResponse = (resolve: (response: EngineResponse) => void): object => {
  const headers: Record<string, string | number> = {};
  return {
    statusCode: 200,
    setHeader(name: string, value: string | number) {
      if (name.toLowerCase() !== "transfer-encoding") headers[name.toLowerCase()] = value;
    },
    end(this: { statusCode: number }, body?: Buffer | string) {
      resolve({ status: this.statusCode, headers, body: body ?? "" });
    },
  };
};

/** Responds with the request listener of a server that never listens. */
export const answerWith = (engine: Server): Answer => {
  const listener = engine.listeners("request")[0] as RequestListener;
  return ({ method, url, headers, body }: EngineRequest) =>
    new Promise<EngineResponse>((resolve) => {
      const request = Object.assign(new EventEmitter(), { method, url, headers });
      listener(request, catchResponse(resolve));
      if (body.length > 0) request.emit("data", body);
      request.emit("end");
    });
};

/** Puts an engine behind our server; closing that closes the engine's database too. */
export const serveEngine = async (
  engine: Server,
  answer: Answer,
  options: ServeOptions,
): Promise<RunningServer> => {
  const server = await serve(answer, options).catch(async (error) => {
    await closeEngine(engine);
    throw error;
  });
  let closing: Promise<void> | undefined;
  return {
    endpoint: server.endpoint,
    close: () => {
      closing ??= server.close().then(() => closeEngine(engine));
      return closing;
    },
  };
};

/**
 * Closes the engine's database. Both engines close it only along with a listener, so for this one moment they
 * get one.
 */
const closeEngine = (engine: Server): Promise<void> =>
  new Promise((resolve, reject) => {
    engine.listen(0, "127.0.0.1", () => {
      engine.close((error) => (error ? reject(error) : resolve()));
    });
  });
