import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Repair, RepairStore } from "../../core/repair/repair.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { deviceTrack } from "../../core/track/track-store.ts";
import { answerTo } from "../aws-errors.ts";
import { tenantKey } from "../tenant-key.ts";
import type { Item } from "./batch.ts";
import { onVersion } from "./version-condition.ts";

/** Among the keys of a track, where no segment is; whoever removes a track removes it, too. */
const REPAIR_KEY = "R#";

/**
 * Repairs, in the tracks table beside the segments: `{ trackId, segmentKey, version, leaseUntilMs,
 * checkpoints }`.
 */
export const dynamoRepairStore =
  (client: DynamoDBClient, tableName: string): OfTenant<RepairStore> =>
  (tenant) => {
    const keyOf = (deviceId: string): Item => ({
      trackId: { S: tenantKey(tenant, deviceTrack(deviceId)) },
      segmentKey: { S: REPAIR_KEY },
    });
    return {
      async get(deviceId) {
        const command = new GetItemCommand({
          TableName: tableName,
          Key: keyOf(deviceId),
          ConsistentRead: true,
        });
        const { Item: item } = await answerTo(`read repair of device ${deviceId}`, client.send(command));
        if (!item) return undefined;
        const { trackId, segmentKey, ...repair } = unmarshall(item);
        return { ...repair, deviceId } as Repair;
      },
      async save({ deviceId, ...repair }) {
        const saved = { ...repair, version: repair.version + 1 };
        const command = new PutItemCommand({
          TableName: tableName,
          Item: { ...marshall(saved, { removeUndefinedValues: true }), ...keyOf(deviceId) },
          ...onVersion("trackId", repair.version),
        });
        await answerTo(
          `save repair of device ${deviceId} over version ${repair.version}`,
          client.send(command),
        );
        return { ...saved, deviceId };
      },
    };
  };
