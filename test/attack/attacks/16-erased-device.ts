import { deepEqual, equal } from "node:assert/strict";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { localClientSettings } from "../../../infra/engine/clients.ts";
import { tableName } from "../../../infra/engine/names.ts";
import { MAXIMUM_TAIL_POSITIONS } from "../../../lib/core/device/tail-size.ts";
import type { Attack } from "../attack.ts";
import { nextQuarantineOf, putRecord, quarantineOf } from "../put-record.ts";
import type { Target } from "../target.ts";

/** More positions than a device's state keeps, so there are segments too. */
const DRIVEN = MAXIMUM_TAIL_POSITIONS + 88;
/** Everything that is kept of a device's past. Claims record that it is being erased until that is over. */
const TABLES = ["devices", "tracks", "quarantine", "listings", "tasks", "replays"] as const;

/** The tables in which an item names the device. */
const tablesWith = async ({ own }: Target, deviceId: string): Promise<string[]> => {
  const { address } = own().file;
  const client = new DynamoDBClient(localClientSettings(address.dynamodbEndpoint, address.credentials));
  const found: string[] = [];
  try {
    for (const table of TABLES) {
      let names = false;
      for await (const { Items } of paginateScan({ client }, { TableName: tableName(table) })) {
        names ||= JSON.stringify(Items).includes(deviceId);
      }
      if (names) found.push(table);
    }
  } finally {
    client.destroy();
  }
  return found;
};

export const attacks: readonly Attack[] = [
  {
    finding: 16,
    name: "what is left of an erased device",
    sends: "a device with a track, late positions and quarantine; DELETE /devices/{id}",
    healthy: "at once 404 for it, its track and its repair; soon no table has an item that names it",
    needsOwnStack: true,
    timeLimitSeconds: 60,
    async run(target) {
      const { send, until, drive, newDeviceId } = target;
      const deviceId = newDeviceId();
      const path = `/devices/${deviceId}`;
      await drive(deviceId, { count: DRIVEN });
      const late = { timestamp: Date.now() - 86_400_000, latitude: 46, longitude: 14.5 };
      await putRecord(target, deviceId, JSON.stringify([late, { latitude: 100 }]));
      const [{ recordId }] = await nextQuarantineOf(target, deviceId);
      const ask = () => send({ path });
      await until(ask, ({ json }) => json.positionCount === DRIVEN + 1);
      deepEqual(await tablesWith(target, deviceId), ["devices", "tracks", "quarantine", "listings"]);
      const { status, headers } = await send({ method: "DELETE", path });
      equal(status, 202);
      for (const gone of [path, `${path}/track`, `${path}/average-speed?windowSeconds=60`]) {
        equal((await send({ path: gone })).status, 404, gone);
      }
      equal((await send({ method: "POST", path: `${path}/repairs` })).status, 404);
      equal((await send({ path: String(headers.location) })).status, 200);
      await until(
        () => tablesWith(target, deviceId),
        ({ length }) => length === 0,
      );
      equal((await quarantineOf(target, deviceId)).length, 0);
      equal((await send({ path: `/quarantine/${encodeURIComponent(recordId)}` })).status, 404);
      return undefined;
    },
  },
  {
    finding: 15,
    name: "listings of erased devices",
    sends: "devices that are heard and erased at the same time; then every page of GET /devices",
    healthy: "none of them is listed",
    async run({ send, drive, newDeviceId }) {
      const deviceIds = Array.from({ length: 5 }, newDeviceId);
      await Promise.all(deviceIds.map((deviceId) => drive(deviceId)));
      for (const deviceId of deviceIds) {
        equal((await send({ method: "DELETE", path: `/devices/${deviceId}` })).status, 202);
      }
      const listed = new Set<string>();
      let cursor: string | undefined;
      do {
        const more = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        const { status, json } = await send({ path: `/devices?limit=100${more}` });
        equal(status, 200);
        for (const { deviceId } of json.devices) listed.add(deviceId);
        cursor = json.cursor;
      } while (cursor !== undefined);
      deepEqual(
        deviceIds.filter((deviceId) => listed.has(deviceId)),
        [],
      );
      return undefined;
    },
  },
];
