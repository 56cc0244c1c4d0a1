import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import type { OutgoingRecord, PositionStream } from "../../../lib/core/stream/position-stream.ts";
import type { Client, PositionAnswer } from "../../api-client.ts";
import { type ExpectedDevice, expectedDevices, type FleetRecord, sendsLate, sendsOverHttp } from "./fleet.ts";

/** What the fleet sends to, and what happens meanwhile. */
export interface ChaosWorld {
  readonly client: Client;
  readonly stream: PositionStream;
  /** One after the other, while records are on their way. */
  readonly blows: readonly Blow[];
}

/** Something that goes wrong. Resolves when it has happened, not when it is mended. */
export interface Blow {
  readonly name: string;
  readonly strike: () => Promise<void>;
  /** Whether everything that was sent must have arrived before. */
  readonly isAfterAll?: boolean;
}

export interface ChaosResult {
  readonly records: number;
  readonly positions: number;
  readonly seconds: number;
}

/** How long anything may take to recover, on a busy machine. */
const PATIENCE_MILLISECONDS = 240_000;
const encoder = new TextEncoder();

/**
 * Sends the rounds in as many parts as there are blows, and one more; each blow falls in the middle of its
 * part, while the part before may still be on its way. Then waits until everything has arrived, and compares
 * every device and track with what a single pass over the records says.
 */
export const runChaos = async (
  { client, stream, blows }: ChaosWorld,
  rounds: readonly (readonly FleetRecord[])[],
): Promise<ChaosResult> => {
  const startedMs = performance.now();
  const parts = blows.length + 1;
  const partSize = Math.ceil(rounds.length / parts);
  const sent: FleetRecord[] = [];
  const distinct = new DistinctPositions();
  const afterParts: number[] = [];
  for (let part = 0; part < parts; part++) {
    await tracked(client, afterParts[part - 2] ?? 0);
    const blow = blows[part];
    for (const [index, round] of rounds.slice(part * partSize, (part + 1) * partSize).entries()) {
      if (blow && index === Math.floor(partSize / 2)) {
        if (blow.isAfterAll) await tracked(client, distinct.count);
        await blow.strike();
      }
      await sendRound({ client, stream }, round);
      sent.push(...round);
      for (const record of round) distinct.add(record);
    }
    afterParts.push(distinct.count);
  }
  const expected = expectedDevices(sent);
  const positions = expected.reduce((sum, { track }) => sum + track.length, 0);
  await tracked(client, positions);
  for (const device of expected) await expectDevice(client, device);
  expect(await trackedCount(client)).toBe(positions);
  return { records: sent.length, positions, seconds: (performance.now() - startedMs) / 1000 };
};

/** Positions by device and timestamp, each counted once. */
class DistinctPositions {
  count = 0;
  readonly #timestamps = new Map<string, Set<number>>();

  add({ deviceId, positions }: FleetRecord): void {
    const timestamps = this.#timestamps.get(deviceId) ?? new Set();
    this.#timestamps.set(deviceId, timestamps);
    const before = timestamps.size;
    for (const { timestampMs } of positions) timestamps.add(timestampMs);
    this.count += timestamps.size - before;
  }
}

/** Both ways at once; a device has one way, so its records keep their order. */
const sendRound = async (
  { client, stream }: Pick<ChaosWorld, "client" | "stream">,
  round: readonly FleetRecord[],
): Promise<void> => {
  const direct: OutgoingRecord[] = round
    .filter(({ deviceId }) => !sendsOverHttp(deviceId))
    .map(({ deviceId, data }) => ({ deviceId, data: encoder.encode(data) }));
  const requests = round
    .filter(({ deviceId }) => sendsOverHttp(deviceId))
    .map(({ deviceId, data }) =>
      insist(async () => {
        const file = { mediaType: "application/json", text: data };
        const { status, body } = await client.call("POST", `/devices/${deviceId}/positions`, file);
        if (status === 202) return;
        const problem = `POST was answered ${status}: ${JSON.stringify(body)}`;
        throw status < 500 && status !== 429 ? new HopelessError(problem) : new Error(problem);
      }),
    );
  await Promise.all([insist(() => stream.publish(direct)), ...requests]);
};

/** Trying again can't help. */
class HopelessError extends Error {}

/** As a device does: what was not accepted is sent again. */
const insist = async (send: () => Promise<void>): Promise<void> => {
  const giveUpAt = performance.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof HopelessError || performance.now() > giveUpAt) throw error;
      await sleep(100);
    }
  }
};

interface DevicePage {
  readonly devices: readonly { readonly positionCount: number }[];
  readonly cursor?: string;
}

/** Positions of all devices, as the API counts them. */
const trackedCount = async (client: Client): Promise<number> => {
  let total = 0;
  let query = "limit=1000";
  for (;;) {
    const { status, body } = await client.call<DevicePage>("GET", `/devices?${query}`);
    if (status !== 200) throw new Error(`GET /devices was answered ${status}: ${JSON.stringify(body)}`);
    for (const { positionCount } of body.devices) total += positionCount;
    if (body.cursor === undefined) return total;
    query = `limit=1000&cursor=${encodeURIComponent(body.cursor)}`;
  }
};

/** Resolves when so many positions are tracked; rejects when for long none was added. */
const tracked = async (client: Client, count: number): Promise<void> => {
  let [most, since] = [0, performance.now()];
  for (;;) {
    const total = await trackedCount(client);
    if (total >= count) return;
    if (total > most) [most, since] = [total, performance.now()];
    if (performance.now() - since > PATIENCE_MILLISECONDS) {
      throw new Error(`${total} of ${count} positions are tracked, and none was added for long`);
    }
    await sleep(200);
  }
};

const expectDevice = async (client: Client, expected: ExpectedDevice): Promise<void> => {
  const { deviceId, track, odometerMeters } = expected;
  const device = await client.device(deviceId);
  expect(device).toMatchObject({ deviceId, positionCount: track.length });
  if (!sendsLate(deviceId)) {
    expect(device).toMatchObject({ deviceId, latePositionCount: 0, odometerMeters });
  }
  const { positions } = await client.track(deviceId, 10_000);
  expect({ deviceId, track: positions.map(placeOf) }).toEqual({
    deviceId,
    track: track.map(({ timestampMs, latitude, longitude }) => [timestampMs, latitude, longitude]),
  });
};

const placeOf = ({ timestamp, latitude, longitude }: PositionAnswer) => [
  Date.parse(timestamp),
  latitude,
  longitude,
];
