import { afterAll, beforeAll, expect, test } from "vitest";
import { keepInFolder } from "../infra/engine/keep-failed-batch.ts";
import { streamArn } from "../infra/engine/names.ts";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { clientOf } from "./api-client.ts";
import { runCommand, temporaryFolder, until } from "./stack-process.ts";

/* `npm run redrive` on a real stack that has given up records. */

const folder = temporaryFolder();
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ registryPath: folder.stackFile, say: () => {} });
});
afterAll(async () => {
  await stack?.stop();
  folder.remove();
});

const redrive = async (...args: string[]) => {
  const command = runCommand("redrive", args, { stackFile: folder.stackFile });
  const { code } = await command.ended();
  return { code, stdout: command.stdout(), stderr: command.stderr() };
};

const FIRST_SECOND = Date.parse("2026-03-14T08:00:00Z") / 1000;
/** As the event source stores it. */
const giveUp = (minute: number): Promise<void> =>
  keepInFolder(stack.address.failedRecordsFolder)({
    functionName: "track-devices",
    streamArn: streamArn("positions"),
    partitionId: "shardId-000000000000",
    condition: "RetryAttemptsExhausted",
    reason: "TypeError: bug",
    approximateInvokeCount: 3,
    records: [
      {
        sequenceNumber: String(minute),
        partitionKey: "van-7",
        arrivedAtMs: (FIRST_SECOND + 60 * minute) * 1000,
        data: Buffer.from(
          JSON.stringify({ timestamp: FIRST_SECOND + 60 * minute, latitude: 46.05, longitude: 14.5 }),
        ),
      },
    ],
  });

test("records that were given up are tracked after all, once", async () => {
  await giveUp(1);
  await giveUp(2);
  const dry = await redrive("--dry-run");
  expect(dry).toMatchObject({
    code: 0,
    stdout: "2 records in 2 batches of the local stack would be put back\n",
  });
  expect(dry.stderr).toContain("1 record of 1 device, given up by track-devices (RetryAttemptsExhausted)");

  expect(await redrive("--limit", "1")).toMatchObject({
    code: 0,
    stdout: "1 record in 1 batch of the local stack put back\n",
  });
  expect(await redrive()).toMatchObject({
    code: 0,
    stdout: "1 record in 1 batch of the local stack put back\n",
  });
  const device = await until(
    () => clientOf(stack.address.apiUrl).device("van-7"),
    ({ positionCount }) => positionCount === 2,
  );
  expect(device.position.timestamp).toBe("2026-03-14T08:02:00.000Z");
  expect(await redrive()).toMatchObject({
    code: 0,
    stdout: "0 records in 0 batches of the local stack put back\n",
  });
});

test("a failure prints one line and sets an exit code", async () => {
  expect(await redrive("--bucket", "b")).toMatchObject({
    code: 2,
    stderr: "backtrack: --bucket is for a stage on AWS: name it with --stage\n",
  });
});
