import { DeleteItemCommand, type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { DeviceState } from "../../core/device/device-state.ts";
import { decodeDeviceState, encodeDeviceState } from "../../core/device/device-state-codec.ts";
import type { DamagedDevice, DeviceStore } from "../../core/device/device-store.ts";
import { DeviceStateError } from "../../core/device/state-bytes.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import type { TenantId } from "../../core/tenant/tenant-id.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { deviceEntry, devicesWith, listedId } from "../listing-keys.ts";
import { idInKey, tenantKey } from "../tenant-key.ts";
import { type Item, readItems } from "./batch.ts";
import { deviceStateBytes } from "./item-budget.ts";
import { dynamoListings, listedPage } from "./listings.ts";
import { onVersion } from "./version-condition.ts";

/**
 * The devices table: `{ deviceId, version, lastHeardMs, state }`, where `deviceId` is `<tenant>/<device id>`
 * and `state` is what encodeDeviceState returns. The whole item stays within 1 KB, so that a save costs one
 * write unit. A device is listed before its first save, and never again: every other save is one write.
 */
export const dynamoDeviceStore =
  (
    client: DynamoDBClient,
    tableName: string,
    listingsTableName?: string,
    patience: Patience = REAL_PATIENCE,
  ): OfTenant<DeviceStore> =>
  (tenant) => {
    const listings = dynamoListings(client, listingsTableName, tenant);
    const keyOf = (deviceId: string): Item => ({ deviceId: { S: tenantKey(tenant, deviceId) } });
    const idOf = (item: Item): string => idInKey(tenant, String(item.deviceId.S));
    const toState = (item: Item): DeviceState =>
      decodeDeviceState(idOf(item), Number(item.version.N), item.state.B ?? new Uint8Array());
    const readableOf = (
      items: readonly Item[],
      onDamage: ((damaged: DamagedDevice) => void) | undefined,
    ): DeviceState[] =>
      items.flatMap((item) => {
        try {
          return [toState(item)];
        } catch (error) {
          if (!(error instanceof DeviceStateError)) throw error;
          onDamage?.({ deviceId: idOf(item), error });
          return [];
        }
      });
    const read = (deviceIds: readonly string[]): Promise<Item[]> => {
      const keys = [...new Set(deviceIds)].map(keyOf);
      return readItems(client, tableName, keys, patience);
    };

    return {
      stateBytes: (deviceId) => deviceStateBytes(tenant, deviceId),
      async load(deviceIds) {
        const items = await read(deviceIds);
        return new Map(items.map(toState).map((state) => [state.deviceId, state]));
      },
      async save(state) {
        const { deviceId, version } = state;
        if (version === 0) await listings.add(deviceEntry(deviceId));
        const command = new PutItemCommand({
          TableName: tableName,
          Item: deviceItem(tenant, state),
          ...onVersion("deviceId", version),
        });
        await answerTo(`save device ${deviceId} over version ${version}`, client.send(command));
      },
      count: (upTo) => listings.count(devicesWith(), upTo),
      async listed(deviceIds) {
        const entries = await listings.present(deviceIds.map(deviceEntry), patience);
        return new Set(entries.map(listedId));
      },
      list({ idPrefix, onDamage, ...request }) {
        return listedPage(listings, devicesWith(idPrefix), request, {
          load: async (deviceIds) => readableOf(await read(deviceIds), onDamage),
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
export const deviceItem = (tenant: TenantId, state: DeviceState): Item => ({
  deviceId: { S: tenantKey(tenant, state.deviceId) },
  version: { N: String(state.version + 1) },
  lastHeardMs: { N: String(state.lastHeardMs) },
  state: { B: encodeDeviceState(state) },
});
