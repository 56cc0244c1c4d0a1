import { afterEach, expect, test } from "vitest";
import type { PerhapsRanError } from "../../engines/functions/call-errors.ts";
import { functionsAddress } from "../../engines/functions/functions-address.ts";
import { type HttpInvoke, httpInvoke } from "../../engines/functions/invoke-function.ts";
import { callTask } from "../../engines/workflow-runner/call-task.ts";
import { type Host, startHost } from "../../hosts/openfaas/host.ts";
import type { Handler } from "../../hosts/openfaas/hosted-function.ts";
import { INVOKE_TOKEN_HEADER } from "../../hosts/openfaas/invocation.ts";
import { readHostSettings } from "../../hosts/openfaas/settings.ts";
import { startGateway } from "./gateway.ts";
import { serversOfTest } from "./situations.ts";

const TOKEN = "a-token-of-twenty-characters";
const SECONDS = 900;

const servers = serversOfTest();
const hosts: Host[] = [];
const invokers: HttpInvoke[] = [];
afterEach(async () => {
  for (const invoker of invokers.splice(0)) invoker.close();
  await servers.close();
  for (const host of hosts.splice(0)) {
    host.cut();
    await host.close();
  }
});

/** A function behind a gateway that gives up on it soon. */
const behindGateway = async (handler: Handler, timeoutMilliseconds: number) => {
  const name = "store-recording-file";
  const host = await startHost([{ name, memoryMegabytes: 1_024, timeoutSeconds: SECONDS, handler }], {
    settings: readHostSettings({ PORT: "0", HOST: "127.0.0.1" }),
    token: { current: () => TOKEN, accepted: () => [TOKEN] },
    onFailure: () => {},
    onOverstay: () => {},
  });
  hosts.push(host);
  const functions = { "backtrack-files": `http://127.0.0.1:${host.port}` };
  const gateway = await servers.keep(startGateway({ functions, timeoutMilliseconds }));
  const group = { name: "backtrack-files", shortName: "files" };
  const invoker = httpInvoke({
    endpoint: functionsAddress(gateway.url, () => group),
    headers: () => ({ [INVOKE_TOKEN_HEADER]: TOKEN }),
    timeoutSeconds: () => SECONDS,
  });
  invokers.push(invoker);
  return { host, gateway, name, invoke: invoker.invoke };
};

test("a long import behind a short gateway has no copy beside it: each call waits until the one before is over", async () => {
  let running = 0;
  let most = 0;
  let calls = 0;
  const ends: (() => void)[] = [];
  const imports: Handler = async () => {
    calls++;
    running++;
    most = Math.max(most, running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
  };
  const { invoke, name, host } = await behindGateway(imports, 20);
  const waits: number[] = [];
  // The function's own time limit passes while the engine waits, and so the function is over.
  const sleep = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    expect(running).toBe(1);
    for (const end of ends.splice(0)) end();
    await expect.poll(() => host.inFlight).toBe(0);
  };
  const work = { kind: "call", resource: `arn:aws:lambda:us-east-1:000000000000:function:${name}` } as const;
  const { signal } = new AbortController();
  for (let attempt = 0; attempt < 5; attempt++) {
    await expect(callTask(work as never, {}, { invoke, sleep }, signal)).rejects.toThrow();
  }
  expect({ most, calls }).toEqual({ most: 1, calls: 5 });
  expect(waits).toHaveLength(5);
  for (const milliseconds of waits) {
    expect(milliseconds).toBeGreaterThan((SECONDS - 60) * 1_000);
    expect(milliseconds).toBeLessThanOrEqual(SECONDS * 1_000);
  }
});

test("who does not wait piles up copies, which this would show", async () => {
  const end = Promise.withResolvers<void>();
  const { invoke, name, host } = await behindGateway(() => end.promise, 20);
  for (let attempt = 1; attempt <= 3; attempt++) {
    const error = (await invoke(name, {}).catch((reason) => reason)) as PerhapsRanError;
    expect(error).toMatchObject({ name: "PerhapsRanError" });
    expect(host.inFlight).toBe(attempt);
  }
  end.resolve();
});

test("what the host says through a gateway is what happened, whatever the status would mean of a gateway", async () => {
  const { invoke, name, host, gateway } = await behindGateway(async (event) => ({ got: event }), 5_000);
  expect(await invoke(name, { a: 1 })).toEqual({ got: { a: 1 } });
  // Not of this group, as while a new version is being deployed: the call waits.
  await expect(invoke("track-devices", {})).rejects.toMatchObject({ name: "HostUnreachableError" });
  host.retire();
  await expect(invoke(name, {})).rejects.toMatchObject({ name: "HostUnreachableError" });
  gateway.functions.clear();
  await expect(invoke(name, {})).rejects.toMatchObject({ name: "HostUnreachableError" });
});
