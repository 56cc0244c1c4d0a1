import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { afterEach, expect, test } from "vitest";
import { workflowArn } from "../../infra/engine/names.ts";
import { bundleEngine } from "../../infra/openfaas/bundle-engine.ts";
import { startDynamodb } from "../../infra/store/embedded/server.ts";
import { startCountingHost } from "../engine/counting-host.ts";
import { ENGINE_CREDENTIALS, secretsFolder, startEngineProcess } from "../engine/engine-process.ts";
import { until } from "../stack-process.ts";

let cleanUp = new AsyncDisposableStack();
afterEach(async () => {
  await cleanUp.disposeAsync();
  cleanUp = new AsyncDisposableStack();
});

test("the engine's bundle runs a workflow from an empty folder that nobody may write to", async () => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-engine-bundle-"));
  const empty = mkdtempSync(join(tmpdir(), "backtrack-empty-"));
  cleanUp.defer(() => {
    for (const each of [folder, empty]) rmSync(each, { recursive: true });
  });
  const { file, bytes } = await bundleEngine(folder);
  expect(bytes).toBeLessThan(2_500_000);
  chmodSync(empty, 0o555);
  const store = await startDynamodb();
  cleanUp.defer(() => store.close());
  const host = await startCountingHost(async () => ({ status: "finished" }));
  cleanUp.defer(() => host.close());
  const secrets = secretsFolder();
  cleanUp.defer(() => secrets.remove());

  const engine = await startEngineProcess({
    program: file,
    folder: empty,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: store.endpoint,
      FUNCTIONS_URL: host.url,
      SECRETS_FOLDER: secrets.path,
      ENGINE_ROLES: "workflows",
    },
  });
  const client = new SFNClient({
    endpoint: engine.endpoint,
    region: "us-east-1",
    credentials: ENGINE_CREDENTIALS,
  });
  cleanUp.defer(() => client.destroy());
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: workflowArn("replay"), input: '{"replayId":"one"}' }),
  );
  const described = await until(
    () => client.send(new DescribeExecutionCommand({ executionArn })),
    ({ status }) => status !== "RUNNING",
    { deadlineMs: 60_000, everyMs: 50 },
  );
  expect(described.status).toBe("SUCCEEDED");
  expect(await engine.end("SIGTERM")).toEqual({ code: 0, signal: null });
});
