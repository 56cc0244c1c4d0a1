import { type DynamoDBClient, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import type { DeviceState } from "../../core/device/device-state.ts";
import { decodeDeviceState, encodeDeviceState } from "../../core/device/device-state-codec.ts";
import type { DeviceStore } from "../../core/device/device-store.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { type Item, readItems } from "./batch.ts";
import { scanPage } from "./scan-page.ts";
import { onVersion } from "./version-condition.ts";

/**
 * The devices table: `{ deviceId, version, lastHeardMs, state }`, where `state` is what encodeDeviceState returns. The whole item
 * stays within 1 KB, so that a save costs one write unit.
 */
export const dynamoDeviceStore = (
  client: DynamoDBClient,
  tableName: string,
  patience: Patience = REAL_PATIENCE,
): DeviceStore => {
  const load = async (deviceIds: readonly string[]): Promise<ReadonlyMap<string, DeviceState>> => {
    const keys = [...new Set(deviceIds)].map(keyOf);
    const items = await readItems(client, tableName, keys, patience);
    return new Map(items.map(toState).map((state) => [state.deviceId, state]));
  };

  return {
    load,
    async save(state) {
      const command = new PutItemCommand({
        TableName: tableName,
        Item: deviceItem(state),
        ...onVersion("deviceId", state.version),
      });
      await answerTo(`save device ${state.deviceId} over version ${state.version}`, client.send(command));
    },
    list({ idPrefix, ...request }) {
      const scan = {
        TableName: tableName,
        ConsistentRead: true,
        ...(idPrefix !== undefined && {
          FilterExpression: "begins_with(deviceId, :prefix)",
          ExpressionAttributeValues: { ":prefix": { S: idPrefix } },
        }),
      };
      return scanPage(client, { scan, keyName: "deviceId", keyOf, toItem: toState }, request);
    },
    async lastHeard() {
      let newest: { readonly deviceId: string; readonly lastHeardMs: number } | undefined;
      let from: Item | undefined;
      do {
        const command = new ScanCommand({
          TableName: tableName,
          ConsistentRead: true,
          ProjectionExpression: "deviceId, lastHeardMs",
          ExclusiveStartKey: from,
        });
        const answer = await answerTo(`list ${tableName}`, client.send(command));
        for (const item of answer.Items ?? []) {
          const lastHeardMs = Number(item.lastHeardMs.N);
          if (!newest || lastHeardMs > newest.lastHeardMs) {
            newest = { deviceId: String(item.deviceId.S), lastHeardMs };
          }
        }
        from = answer.LastEvaluatedKey;
      } while (from);
      return newest && (await load([newest.deviceId])).get(newest.deviceId);
    },
  };
};

/** The item that a save of this state writes. */
export const deviceItem = (state: DeviceState): Item => ({
  deviceId: { S: state.deviceId },
  version: { N: String(state.version + 1) },
  lastHeardMs: { N: String(state.lastHeardMs) },
  state: { B: encodeDeviceState(state) },
});

const keyOf = (deviceId: string): Item => ({ deviceId: { S: deviceId } });

const toState = (item: Item): DeviceState =>
  decodeDeviceState(String(item.deviceId.S), Number(item.version.N), item.state.B ?? new Uint8Array());
