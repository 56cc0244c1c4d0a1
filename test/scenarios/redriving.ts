import { expect, test } from "vitest";
import type { FailedBatch } from "../../engines/event-source/on-failure.ts";
import { streamArn } from "../../infra/engine/names.ts";
import { until } from "../stack-process.ts";
import type { HomeOf } from "./home.ts";

const FIRST_SECOND = Date.parse("2026-03-14T08:00:00Z") / 1000;

const givenUpAt = (minute: number): FailedBatch => ({
  functionName: "track-devices",
  streamArn: streamArn("positions"),
  partitionId: "shardId-000000000000",
  condition: "RetryAttemptsExhausted",
  reason: "TypeError: bug",
  approximateInvokeCount: 3,
  records: [
    {
      sequenceNumber: String(minute),
      partitionKey: "given-up",
      arrivedAtMs: (FIRST_SECOND + 60 * minute) * 1000,
      data: Buffer.from(
        JSON.stringify({ timestamp: FIRST_SECOND + 60 * minute, latitude: 46.05, longitude: 14.5 }),
      ),
    },
  ],
});

/** `npm run redrive`, where records have been given up. */
export const redriving = (home: HomeOf): void => {
  test("records that were given up are tracked after all, once", async () => {
    const { client, giveUp, redrive } = home();
    await giveUp(givenUpAt(1));
    await giveUp(givenUpAt(2));
    const dry = await redrive("--dry-run");
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^2 records in 2 batches of \S.* would be put back\n$/),
    });
    expect(dry.stderr).toContain("1 record of 1 device, given up by track-devices (RetryAttemptsExhausted)");

    const onePutBack = {
      code: 0,
      stdout: expect.stringMatching(/^1 record in 1 batch of \S.* put back\n$/),
    };
    expect(await redrive("--limit", "1")).toMatchObject(onePutBack);
    expect(await redrive()).toMatchObject(onePutBack);
    const device = await until(
      () => client.device("given-up"),
      ({ positionCount }) => positionCount === 2,
    );
    expect(device.position.timestamp).toBe("2026-03-14T08:02:00.000Z");
    expect(await redrive()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^0 records in 0 batches of \S.* put back\n$/),
    });
  });
};
