import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Attack } from "./attack.ts";
import { allAttacks } from "./registry.ts";
import { tableOf, verdictOn } from "./report.ts";
import { runAttacks } from "./run-attacks.ts";

let server: Server;
let apiUrl: string;
/** The server's answer; with undefined it never answers. */
let status: number | undefined;

beforeEach(async () => {
  status = 200;
  server = createServer((_, response) => {
    if (status === undefined) return;
    response.statusCode = status;
    response.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const attack = (run: Attack["run"], more: Partial<Attack> = {}): Attack => ({
  finding: 1,
  name: "test",
  sends: "",
  healthy: "",
  run,
  ...more,
});

describe("the verdict on an attack", () => {
  test("withstood, with its figure", async () => {
    const outcomes = await runAttacks([attack(async () => "5 ms")], { apiUrl });
    expect(outcomes).toMatchObject([{ verdict: "withstood", note: "5 ms" }]);
    expect(verdictOn(outcomes)).toEqual({ line: "CLEAN: 1 attacks withstood.", exitCode: 0 });
    expect(tableOf(outcomes)).toContain("withstood");
  });

  test("succeeded when something is wrong, when it takes too long, and when the stack is unhealthy afterwards", async () => {
    const wrong = attack(async () => Promise.reject(new Error("got 500")));
    const slow = attack(() => new Promise(() => {}), { timeLimitSeconds: 0.01 });
    const outcomes = await runAttacks([wrong, slow], { apiUrl });
    expect(outcomes.map(({ note }) => note)).toEqual(["got 500", "not over after 0.01 s"]);
    const killing = attack(async () => {
      status = 500;
      return undefined;
    });
    outcomes.push(...(await runAttacks([killing], { apiUrl })));
    expect(outcomes[2]).toMatchObject({ verdict: "SUCCEEDED", note: "afterwards /healthz was answered 500" });
    expect(verdictOn(outcomes)).toMatchObject({
      exitCode: 1,
      line: expect.stringMatching(/^FAILED: 3 of 3/),
    });
  });

  test("succeeded when others had to wait too long meanwhile", async () => {
    const stalling = attack(
      async () => {
        status = undefined;
        // Somebody asks, and gets no answer.
        await once(server, "request");
        status = 200;
        return undefined;
      },
      { longestWaitSeconds: 1e-9 },
    );
    expect(await runAttacks([stalling], { apiUrl })).toMatchObject([
      { verdict: "SUCCEEDED", note: expect.stringContaining("others waited") },
    ]);
  });

  test("not run against somebody else's stack; if nothing ran at all, that is not a success", async () => {
    const outcomes = await runAttacks([attack(async () => undefined, { needsOwnStack: true })], { apiUrl });
    expect(outcomes).toMatchObject([{ verdict: "not run" }]);
    expect(verdictOn(outcomes)).toEqual({ line: "FAILED: nothing was attacked. 1 not run.", exitCode: 1 });
  });

  test("a stack that no longer answers is replaced before the next attack", async () => {
    const killing = attack(async () => {
      status = 500;
      throw new Error("dead");
    });
    const next = attack(async () => undefined);
    let renewals = 0;
    const renew = async () => {
      renewals++;
      status = 200;
      return { apiUrl };
    };
    const outcomes = await runAttacks([killing, next], { apiUrl }, { renew });
    expect(outcomes.map(({ verdict }) => verdict)).toEqual(["SUCCEEDED", "withstood"]);
    expect(renewals).toBe(1);
  });
});

test("every attack has a unique name, a finding, and says what it sends and what is healthy", async () => {
  const attacks = await allAttacks();
  expect(attacks.length).toBeGreaterThan(0);
  const names = attacks.map(({ finding, name }) => `${finding} ${name}`);
  expect(new Set(names).size).toBe(names.length);
  for (const { finding, sends, healthy } of attacks) {
    expect(finding).toBeGreaterThan(0);
    expect(sends).not.toBe("");
    expect(healthy).not.toBe("");
  }
});
