import type { Context } from "aws-lambda";
import { folderOf, MANIFEST } from "../../../functions/manifest.ts";

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const loaded = new Map<string, Promise<Handler>>();

/** Loads a function's module at its first call, as Lambda does at a cold start. */
const load = (name: string): Promise<Handler> => {
  let handler = loaded.get(name);
  if (!handler) {
    const url = new URL(`../../../${folderOf(name)}/handler.ts`, import.meta.url);
    handler = import(url.href).then((module: { handler: Handler }) => module.handler);
    handler.catch((error) => process.stderr.write(`${name} can't be loaded: ${error?.stack ?? error}\n`));
    loaded.set(name, handler);
  }
  return handler;
};

/**
 * serverless-offline's Lambda endpoint reports every failure with the error type `Error`, and passes the
 * stack on. The stack's first line is rewritten here, because V8 writes it before a class has set its
 * instances' name, and workflows match on the name.
 */
const nameInStack = (failure: unknown): Error => {
  const error = failure instanceof Error ? failure : new Error(String(failure));
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line)) ?? [];
  error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
  return error;
};

/** What serverless-offline calls for each function of the manifest; the same modules that AWS runs. */
export const handlers: Readonly<Record<string, Handler>> = Object.fromEntries(
  MANIFEST.map(({ name }) => [
    name,
    async (event: unknown, context: Context) => {
      try {
        return await (await load(name))(event, context);
      } catch (failure) {
        throw nameInStack(failure);
      }
    },
  ]),
);
