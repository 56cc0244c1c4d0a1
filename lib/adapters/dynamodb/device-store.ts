import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { DeviceState } from "../../core/device/device-state.ts";
import { decodeDeviceState, encodeDeviceState } from "../../core/device/device-state-codec.ts";
import type { DeviceStore } from "../../core/device/device-store.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { deviceEntry, devicesWith } from "../listing-keys.ts";
import { type Item, readItems } from "./batch.ts";
import { dynamoListings, listedPage } from "./listings.ts";
import { onVersion } from "./version-condition.ts";

/**
 * The devices table: `{ deviceId, version, lastHeardMs, state }`, where `state` is what encodeDeviceState returns. The whole item
 * stays within 1 KB, so that a save costs one write unit. A device is listed before its first save, and never again: every
 * other save is one write.
 */
export const dynamoDeviceStore = (
  client: DynamoDBClient,
  tableName: string,
  listingsTableName?: string,
  patience: Patience = REAL_PATIENCE,
): DeviceStore => {
  const listings = dynamoListings(client, listingsTableName);
  const load = async (deviceIds: readonly string[]): Promise<ReadonlyMap<string, DeviceState>> => {
    const keys = [...new Set(deviceIds)].map(keyOf);
    const items = await readItems(client, tableName, keys, patience);
    return new Map(items.map(toState).map((state) => [state.deviceId, state]));
  };

  return {
    load,
    async save(state) {
      const { deviceId, version } = state;
      if (version === 0) await listings.add(deviceEntry(deviceId));
      const command = new PutItemCommand({
        TableName: tableName,
        Item: deviceItem(state),
        ...onVersion("deviceId", version),
      });
      await answerTo(`save device ${deviceId} over version ${version}`, client.send(command));
    },
    list({ idPrefix, ...request }) {
      return listedPage(listings, devicesWith(idPrefix), request, {
        load: async (deviceIds) => [...(await load(deviceIds)).values()],
        keyOf: ({ deviceId }) => deviceEntry(deviceId),
      });
    },
    async remove(deviceId) {
      const command = new DeleteItemCommand({ TableName: tableName, Key: keyOf(deviceId) });
      await answerTo(`delete device ${deviceId}`, client.send(command));
      await listings.remove(deviceEntry(deviceId));
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
