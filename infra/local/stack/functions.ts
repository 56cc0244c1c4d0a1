import { type HttpInvoke, httpInvoke } from "../../../engines/functions/invoke-function.ts";
import { MANIFEST } from "../../../functions/manifest.ts";
import type { StackAddress } from "./stack-file.ts";

const TIMEOUT_SECONDS = new Map(MANIFEST.map(({ name, timeoutSeconds }) => [name, timeoutSeconds]));

/** Calls the functions of a stack, each for as long as its definition allows. */
export const invokeOn = ({
  lambdaEndpoint,
  credentials,
}: Pick<StackAddress, "lambdaEndpoint" | "credentials">): HttpInvoke =>
  httpInvoke({
    endpoint: lambdaEndpoint,
    credentials,
    isFunctionHost: true,
    timeoutSeconds: (functionName) => TIMEOUT_SECONDS.get(functionName) ?? 0,
  });
