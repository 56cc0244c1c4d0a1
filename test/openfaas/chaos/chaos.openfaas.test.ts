import { describe, expect, test } from "vitest";
import { type JetStreamConnection, openJetStream } from "../../../lib/adapters/jetstream/connection.ts";
import { jetStreamFailedBatches } from "../../../lib/adapters/jetstream/failed-batches.ts";
import { jetStreamPositionStream } from "../../../lib/adapters/jetstream/position-stream.ts";
import { openPositionsStream } from "../../../lib/adapters/jetstream/positions-stream.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { clientOf } from "../../api-client.ts";
import { WITHOUT_NATS } from "../../nats-server.ts";
import { unless } from "../../unless.ts";
import { type SelfHosted, startSelfHosted } from "../self-hosted.ts";
import { fleetRounds } from "./fleet.ts";
import { type Blow, runChaos } from "./run.ts";

/*
 * Nothing is lost, doubled or put out of order, whatever is killed: kill -9 of engines, functions and NATS, a
 * stream that is made anew, and a record that kills its function. CHAOS_RECORDS sets how many records are
 * sent; `npm run chaos:openfaas` sends 100,000.
 */

const RECORDS = Number(process.env.CHAOS_RECORDS ?? 3_000);
const DEVICES = RECORDS >= 50_000 ? 400 : 60;
const SEED = Number(process.env.CHAOS_SEED ?? 2_026);
const MINUTES = 60_000;

/** The data of the record that kills begins with this; no other's does. */
const KILLING = '{"latitude":-33.8688197,';
const killingRecord = `${KILLING}"longitude":151.2092955,"timestamp":"2026-03-14T08:00:00Z"}`;

const describeChaos = (name: string, sharesNothing: boolean): void => {
  test(`${name}: every position is tracked once and in order`, { timeout: 40 * MINUTES }, async () => {
    const hosted = await startSelfHosted({
      engines: 2,
      sharesNothing,
      // The killing record is given up after a minute, not 13. With fewer calls, a neighbour that is alone in
      // its batch can be given up too, while the function is slow to start again.
      engineEnvironment: { ENGINE_UNCERTAIN_CALLS: "8" },
      streamArguments: ["--import", "./test/openfaas/dies-on-record.mjs"],
      streamEnvironment: { DIES_ON_RECORD: KILLING },
    });
    const jetstream = openJetStream(hosted.nats.address());
    try {
      const stream = jetStreamPositionStream(jetstream)(DEFAULT_TENANT);
      const publishKilling = () =>
        stream.publish([{ deviceId: "killer", data: new TextEncoder().encode(killingRecord) }]);
      const client = clientOf(hosted.apiUrl, hosted.key);
      const rounds = fleetRounds({
        devices: DEVICES,
        rounds: Math.ceil(RECORDS / DEVICES),
        seed: SEED,
      });
      const blows = blowsOn(hosted, {
        ...(!sharesNothing && { publishKilling }),
        makeAnew: () => makeAnew(jetstream),
      });
      const result = await runChaos({ client, stream, blows }, rounds);
      process.stdout.write(`${name}: ${JSON.stringify(result)}\n`);
      expect(result.records).toBeGreaterThanOrEqual(RECORDS);
      expect((await client.call("GET", "/devices/killer")).status).toBe(404);
      expect(await givenUp(jetstream)).toEqual(sharesNothing ? [] : [["killer", killingRecord]]);
    } catch (error) {
      process.stderr.write(hosted.log());
      throw error;
    } finally {
      await jetstream.close();
      await hosted.stop();
    }
  });
};

/** Device and data of each record that was given up. */
const givenUp = async (jetstream: JetStreamConnection): Promise<string[][]> => {
  const batches = jetStreamFailedBatches(jetstream, "");
  const records: string[][] = [];
  for await (const key of batches.keys()) {
    for (const { deviceId, data } of (await batches.read(key)).records) {
      records.push([deviceId, Buffer.from(data).toString()]);
    }
  }
  return records;
};

interface Blows {
  /** Absent: no record kills. */
  readonly publishKilling?: () => Promise<void>;
  readonly makeAnew: () => Promise<void>;
}

const blowsOn = (
  { engines: [one, other], nats, group }: SelfHosted,
  { publishKilling, makeAnew: anew }: Blows,
): Blow[] => [
  { name: "kill -9 of an engine", strike: () => one.kill() },
  { name: "kill -9 of the function", strike: () => group("stream").kill() },
  { name: "kill -9 of NATS", strike: () => nats.restart() },
  ...(publishKilling ? [{ name: "a record that kills its function", strike: publishKilling }] : []),
  { name: "kill -9 of the other engine", strike: () => other.kill() },
  { name: "the stream is made anew under its name", strike: anew, isAfterAll: true },
  {
    name: "kill -9 of both engines",
    strike: async () => {
      await Promise.all([one.kill(), other.kill()]);
    },
  },
  { name: "kill -9 of NATS again", strike: () => nats.restart() },
  {
    name: "kill -9 of function and engine",
    strike: async () => {
      await Promise.all([group("stream").kill(), one.kill()]);
    },
  },
];

const makeAnew = async (jetstream: JetStreamConnection): Promise<void> => {
  const { manager } = await jetstream.connected();
  await manager.streams.delete(jetstream.streamName);
  await openPositionsStream(jetstream);
};

describe("chaos", unless(WITHOUT_NATS), () => {
  describeChaos("two engines that share by leases", false);
  describeChaos("two engines that share nothing", true);
});
