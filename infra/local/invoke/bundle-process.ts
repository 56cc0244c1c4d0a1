import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

/*
 * The process that a bundle runs in: like Lambda it loads the bundle, calls its handler once and reports the
 * outcome.
 */

export interface BundleCall {
  /** The bundle's file and what it exports as handler. */
  readonly file: string;
  readonly handler: string;
  readonly functionName: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  readonly event: unknown;
}

export interface BundleError {
  readonly name: string;
  readonly message: string;
}

export type BundleOutcome =
  | { readonly kind: "answered"; readonly result: unknown }
  /** It could not be loaded: the function would not start. */
  | { readonly kind: "notStarted"; readonly error: BundleError }
  | { readonly kind: "failed"; readonly error: BundleError };

const inWords = (thrown: unknown): BundleError => {
  const { name, message } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { name, message };
};

const load = ({ file, handler }: BundleCall): ((event: unknown, context: object) => unknown) => {
  const found = createRequire(file)(file)[handler];
  if (typeof found !== "function") throw new TypeError(`the bundle exports no function ${handler}`);
  return found;
};

const contextOf = ({ functionName, memoryMegabytes, timeoutSeconds }: BundleCall): object => {
  const endsAtMs = performance.now() + timeoutSeconds * 1_000;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: `arn:aws:lambda:${process.env.AWS_REGION}:${process.env.AWS_ACCOUNT_ID}:function:${functionName}`,
    memoryLimitInMB: String(memoryMegabytes),
    awsRequestId: randomUUID(),
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: "local",
    getRemainingTimeInMillis: () => Math.max(0, endsAtMs - performance.now()),
  };
};

const run = async (call: BundleCall): Promise<BundleOutcome> => {
  let handler: ReturnType<typeof load>;
  try {
    handler = load(call);
  } catch (error) {
    return { kind: "notStarted", error: inWords(error) };
  }
  try {
    return { kind: "answered", result: (await handler(call.event, contextOf(call))) ?? null };
  } catch (error) {
    return { kind: "failed", error: inWords(error) };
  }
};

process.once("message", async (call: BundleCall) => {
  process.send?.(await run(call), () => process.exit(0));
});
