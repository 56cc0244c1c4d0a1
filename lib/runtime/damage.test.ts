import type { Logger } from "@aws-lambda-powertools/logger";
import { expect, test } from "vitest";
import { SegmentError } from "../core/errors.ts";
import { DEFAULT_TENANT } from "../core/tenant/tenant-id.ts";
import { deviceTrack, type StoredSegment } from "../core/track/track-store.ts";
import { damageReporter } from "./damage.ts";
import { defineFunction } from "./definition.ts";

test("finding 12: a damaged segment is logged by its key, without its content, and counted", () => {
  const logged: unknown[] = [];
  const counted: unknown[] = [];
  const logger = { error: (...line: unknown[]) => logged.push(line) } as unknown as Logger;
  const metrics = { count: (counts: object) => void counted.push(counts) };
  const definition = defineFunction({
    name: "get-track",
    description: "",
    memoryMegabytes: 128,
    timeoutSeconds: 5,
    reportsDamage: "segments",
  });
  const report = damageReporter(
    definition,
    ({ firstTimestampMs }) => `S#${firstTimestampMs}`,
    logger,
    metrics,
  );
  const segment: StoredSegment = {
    kind: "sealed",
    firstTimestampMs: 1577218887999,
    lastTimestampMs: 1577218888999,
    positionCount: 2,
    data: Uint8Array.of(3, 2, 1),
  };
  const error = new SegmentError("the segment is damaged");
  report(DEFAULT_TENANT)({ trackId: deviceTrack("van-7"), segment, error });
  const where = { trackId: "device#van-7", segmentKey: "S#1577218887999", positionCount: 2, bytes: 3 };
  expect(logged).toEqual([["segment damaged", { ...where, error }]]);
  expect(counted).toEqual([{ SegmentsDamaged: 1 }]);
});
