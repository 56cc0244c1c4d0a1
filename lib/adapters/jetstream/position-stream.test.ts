import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { UnavailableError } from "../../core/errors.ts";
import { partitionOf } from "../../core/stream/partition.ts";
import type { OutgoingRecord } from "../../core/stream/position-stream.ts";
import { DEFAULT_TENANT } from "../../core/tenant/tenant-id.ts";
import { jetStreamPositionStream, type PublisherOptions } from "./position-stream.ts";
import { FaultyJetStream, type MessageFault } from "./testing.ts";

const FAULTS: readonly MessageFault[] = ["none", "lost", "answer-lost", "late", "full", "cut", "cut-after"];
const patience = (attempts: number) => ({ sleep: async () => {}, random: () => 1, attempts });

const record = (deviceId: string, text: string): OutgoingRecord => ({
  deviceId,
  data: new TextEncoder().encode(text),
});

const publisherOn = (jetstream: FaultyJetStream, attempts: number, options: PublisherOptions = {}) =>
  jetStreamPositionStream(jetstream, { patience: patience(attempts), elapsedMs: () => 0, ...options })(
    DEFAULT_TENANT,
  );

const textsByDevice = (jetstream: FaultyJetStream): Record<string, string[]> => {
  const byDevice = Map.groupBy(jetstream.stored, ({ partitionKey }) => partitionKey);
  return Object.fromEntries([...byDevice].map(([deviceId, own]) => [deviceId, own.map(({ text }) => text)]));
};

const expectedOf = (records: readonly OutgoingRecord[]): Record<string, string[]> => {
  const byDevice = Map.groupBy(records, ({ deviceId }) => deviceId);
  return Object.fromEntries(
    [...byDevice].map(([deviceId, own]) => [deviceId, own.map(({ data }) => new TextDecoder().decode(data))]),
  );
};

const scenario = fc.record({
  devices: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 25 }),
  faults: fc.infiniteStream(fc.constantFrom(...FAULTS)),
});

describe("jetStreamPositionStream", () => {
  it("stores each record once and in its device's order, whatever is lost, late or cut", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ devices, faults }) => {
        const jetstream = new FaultyJetStream(() => faults.next().value);
        const records = devices.map((device, index) => record(`device-${device}`, `${index}`));
        await publisherOn(jetstream, 1_000).publish(records);
        jetstream.settle();
        expect(textsByDevice(jetstream)).toEqual(expectedOf(records));
        for (const { subject, partitionKey } of jetstream.stored)
          expect(subject).toBe(`positions.${partitionOf(partitionKey, 3)}`);
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it("leaves a beginning of each device's records, once each, when it gives up", async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ devices, faults }) => {
        const jetstream = new FaultyJetStream(() => faults.next().value);
        const records = devices.map((device, index) => record(`device-${device}`, `${index}`));
        await publisherOn(jetstream, 2)
          .publish(records)
          .catch(({ name }: Error) => expect(name).toMatch(/^(Unavailable|Throttled)Error$/));
        jetstream.settle();
        const expected = expectedOf(records);
        for (const [deviceId, texts] of Object.entries(textsByDevice(jetstream)))
          expect(texts).toEqual(expected[deviceId].slice(0, texts.length));
      }),
      { numRuns: propertyRuns(200) },
    );
  });

  it("publishes the same data again when it is asked to: it may be a record that is put back", async () => {
    const jetstream = new FaultyJetStream(() => "none");
    const stream = publisherOn(jetstream, 1);
    await stream.publish([record("van-7", "1")]);
    await stream.publish([record("van-7", "1")]);
    expect(jetstream.stored).toHaveLength(2);
  });

  it("gives up in time when the server hangs, whatever its patience", async () => {
    let nowMs = 0;
    let attempts = 0;
    const jetstream = new FaultyJetStream(() => {
      attempts++;
      nowMs += 3_000;
      return "lost";
    });
    const stream = publisherOn(jetstream, 1_000, { elapsedMs: () => nowMs });
    await expect(stream.publish([record("van-7", "1")])).rejects.toBeInstanceOf(UnavailableError);
    expect(attempts).toBe(3);
  });
});
