import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { type FunctionHost, startFunctionHost } from "./function-host.ts";
import { freePort } from "./ports.ts";

let host: FunctionHost | undefined;
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

const ENVIRONMENT = {
  ...process.env,
  AWS_REGION: "us-east-1",
  BACKTRACK_INBOX: "/inbox",
  POWERTOOLS_LOG_LEVEL: "WARN",
};

const start = async (
  restarts: string[] = [],
  environment: Readonly<Record<string, string | undefined>> = ENVIRONMENT,
  {
    onRestart,
    ...options
  }: { readonly allowedOrigins?: readonly string[]; readonly onRestart?: () => void } = {},
): Promise<FunctionHost> => {
  host = await startFunctionHost({
    access: "open",
    httpPort: await freePort(),
    lambdaPort: await freePort(),
    environment,
    ...options,
    onRestart: (reason) => {
      restarts.push(reason);
      onRestart?.();
    },
  });
  return host;
};

const isRunning = (processId: number): boolean => {
  try {
    return process.kill(processId, 0);
  } catch {
    return false;
  }
};

const health = async (apiUrl: string): Promise<number> => (await fetch(`${apiUrl}/healthz`)).status;

test("it answers as a gateway does, comes back on the same port after kill -9, and leaves no process when stopped", async () => {
  const restarts: string[] = [];
  const isRestarting = Promise.withResolvers<void>();
  const { apiUrl, processId, whenReady, stop } = await start(restarts, ENVIRONMENT, {
    allowedOrigins: ["http://dashboard.example"],
    onRestart: isRestarting.resolve,
  });
  expect(await health(apiUrl)).toBe(200);
  const unknown = await fetch(`${apiUrl}/nowhere`, { method: "PATCH" });
  expect(unknown.status).toBe(404);
  expect(unknown.headers.get("content-type")).toContain("application/problem+json");
  expect(await unknown.json()).toMatchObject({ status: 404, detail: "PATCH /nowhere is not served here." });
  const preflight = await fetch(`${apiUrl}/healthz`, {
    method: "OPTIONS",
    headers: { origin: "http://dashboard.example", "access-control-request-method": "PATCH" },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-methods")).toContain("PATCH");
  expect(preflight.headers.get("access-control-allow-origin")).toBe("http://dashboard.example");

  const first = processId() ?? 0;
  process.kill(first, "SIGKILL");
  await isRestarting.promise;
  await whenReady();
  const second = processId() ?? 0;
  expect(second).not.toBe(first);
  expect(await health(apiUrl)).toBe(200);
  expect(restarts).toEqual(["SIGKILL"]);

  await stop();
  expect([first, second].filter(isRunning)).toEqual([]);
});

test("it is given up when it dies again and again before it is ready", async () => {
  const { processId, failed, whenReady } = await start();
  const killer = setInterval(() => {
    const id = processId();
    if (id) process.kill(id, "SIGKILL");
  }, 5);
  await expect(failed).rejects.toThrow("the functions can't be kept running (SIGKILL)");
  clearInterval(killer);
  await expect(whenReady()).rejects.toThrow("can't be kept running");
});

test("what can't be started is said at once", async () => {
  const httpPort = await freePort();
  const lambdaPort = httpPort;
  await expect(
    startFunctionHost({
      access: "open",
      httpPort,
      lambdaPort,
      environment: ENVIRONMENT,
      onRestart: () => {},
    }),
  ).rejects.toThrow("the functions can't be kept running (exit code 1)");
});

test("it ends when the process that started it disappears", async () => {
  const module = fileURLToPath(new URL("../serverless/host.ts", import.meta.url));
  const child = fork(module, [], {
    env: {
      ...ENVIRONMENT,
      BACKTRACK_HTTP_PORT: String(await freePort()),
      BACKTRACK_LAMBDA_PORT: String(await freePort()),
    },
    silent: true,
  });
  const ended = once(child, "exit");
  // What the system does to the channel of a process whose other end is gone, before and after it is up.
  child.disconnect();
  await ended;
});

test("a function that can't be loaded answers 500, and tells callers nothing of the inside", async () => {
  const hooks = `import { registerHooks } from "node:module";
    registerHooks({
      load: (url, context, next) => {
        if (url.endsWith("/get-health/handler.ts")) throw new Error("broken on load");
        return next(url, context);
      },
    });`;
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(hooks)}`;
  const { apiUrl } = await start([], { ...ENVIRONMENT, NODE_OPTIONS });
  const answer = await fetch(`${apiUrl}/healthz`);
  const text = await answer.text();
  expect(answer.status).toBe(500);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  expect(text).not.toContain("broken on load");
});
