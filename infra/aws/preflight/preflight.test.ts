import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { App } from "aws-cdk-lib";
import { afterEach, describe, expect, test } from "vitest";
import { MANIFEST } from "../../../functions/manifest.ts";
import { readSettings } from "../settings.ts";
import { readAccount } from "./account.ts";
import { readCdkArguments } from "./cdk-arguments.ts";
import { demandOf, judge } from "./concurrency.ts";

const settings = (context: Record<string, string> = {}) => readSettings(new App({ context }).node);
const limits = (concurrentExecutions: number, unreservedConcurrentExecutions = concurrentExecutions) => ({
  concurrentExecutions,
  unreservedConcurrentExecutions,
});
const RESERVING = { stage: "prod", streamShards: "2", reserveConcurrency: "on" };

describe("finding 21: before a deployment", () => {
  test("a new account's ten executions can't be reserved from, and it is said what to do", () => {
    const demand = demandOf(MANIFEST, settings(RESERVING));
    expect([...demand.reserved]).toEqual([["backtrack-prod-track-devices", 4]]);
    const { refusal } = judge(limits(10), demand, 0);
    expect(refusal).toContain("4 for backtrack-prod-track-devices would leave 6, and Lambda insists on 10");
    expect(refusal).toContain("Omit reserveConcurrency");
    expect(refusal).toContain("service-quotas request-service-quota-increase");
  });

  test.each([
    ["there is room", limits(1_000), 0],
    ["the stack has reserved it already", limits(1_000, 96), 4],
    ["exactly what Lambda insists on is left", limits(1_000, 104), 0],
  ])("it goes on when %s", (_, account, held) => {
    expect(judge(account, demandOf(MANIFEST, settings(RESERVING)), held).refusal).toBeUndefined();
  });

  test("others may have reserved too much", () => {
    expect(judge(limits(1_000, 103), demandOf(MANIFEST, settings(RESERVING)), 0).refusal).toContain(
      "would leave 99, and Lambda insists on 100",
    );
  });

  test("without reservations a new account is deployed to, with a warning", () => {
    const verdict = judge(limits(10), demandOf(MANIFEST, settings()), 0);
    expect(verdict.refusal).toBeUndefined();
    expect(verdict.warning).toContain(
      "may run 10 functions at once, of which the stream's consumers may use 4",
    );
    expect(judge(limits(1_000), demandOf(MANIFEST, settings({ stage: "prod" })), 0)).toEqual({});
  });

  test("an address of the function's own reserves as well", () => {
    const demand = demandOf(MANIFEST, settings({ ingest: "function-url" }));
    expect(judge(limits(10), demand, 0).refusal).toContain("for backtrack-dev-accept-positions");
  });
});

describe("finding 21: the account is asked through Lambda's own API", () => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  const clientOf = async (
    answer: (path: string) => [status: number, body: object],
  ): Promise<LambdaClient> => {
    const made = createServer((request, response) => {
      const [status, body] = answer(request.url ?? "");
      response.writeHead(status, {
        "content-type": "application/json",
        ...(status === 404 && { "x-amzn-errortype": "ResourceNotFoundException" }),
      });
      response.end(JSON.stringify(body));
    });
    server = made;
    await new Promise<void>((listening) => made.listen(0, "127.0.0.1", listening));
    return new LambdaClient({
      region: "eu-central-1",
      endpoint: `http://127.0.0.1:${(made.address() as AddressInfo).port}`,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    });
  };

  test("what it has, and what the stack holds of it", async () => {
    const client = await clientOf((path) => {
      if (path.endsWith("/account-settings"))
        return [200, { AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 996 } }];
      return path.includes("/functions/here/")
        ? [200, { ReservedConcurrentExecutions: 4 }]
        : [404, { Message: "Function not found" }];
    });
    expect(await readAccount(client, ["here", "not-yet"])).toEqual({ limits: limits(1_000, 996), held: 4 });
    client.destroy();
  });

  test("whoever lacks the permission gets an error", async () => {
    const client = await clientOf(() => [403, { Message: "not authorized" }]);
    await expect(readAccount(client, [])).rejects.toThrow("not authorized");
    client.destroy();
  });
});

test.each([
  [["-c", "stage=prod"], { context: { stage: "prod" } }],
  [["--context", "a=b=c", "--profile", "fleet", "--all"], { context: { a: "b=c" }, profile: "fleet" }],
  [["-c=stage=prod", "--profile=fleet"], { context: { stage: "prod" }, profile: "fleet" }],
  [["backtrack-dev", "--require-approval", "never"], { context: {} }],
])("finding 21: of the arguments %j the preflight takes what it needs", (argv, expected) => {
  expect(readCdkArguments(argv)).toEqual({ profile: undefined, ...expected });
});
