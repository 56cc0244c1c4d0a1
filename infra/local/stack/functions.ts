import { MANIFEST } from "../../../functions/manifest.ts";
import { type HttpInvoke, httpInvoke } from "../invoke-function.ts";

const TIMEOUT_SECONDS = new Map(MANIFEST.map(({ name, timeoutSeconds }) => [name, timeoutSeconds]));

/** Calls the functions of a stack, each for as long as its definition allows. */
export const invokeOn = (lambdaEndpoint: string): HttpInvoke =>
  httpInvoke({
    endpoint: lambdaEndpoint,
    timeoutSeconds: (functionName) => TIMEOUT_SECONDS.get(functionName) ?? 0,
  });
