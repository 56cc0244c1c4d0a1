import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import type { DamagedDevice, DeviceStore } from "../../../lib/core/device/device-store.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { deviceJson } from "../../../lib/runtime/api/device.ts";
import { fittingPage, nextLink, type PageQuery } from "../../../lib/runtime/api/page.ts";
import { stateDamageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export interface Ports {
  readonly devices: DeviceStore;
  readonly onDamage?: (damaged: DamagedDevice) => void;
}

export const createHandler = (portsOf: OfTenant<Ports>) =>
  httpFunction(definition, {
    "GET /devices": async (request) => {
      const { tenant, devicePrefix: idPrefix } = request.caller;
      const { devices, onDamage } = portsOf(tenant);
      const damaged = new Map<string, DamagedDevice>();
      const list = (page: PageQuery) => {
        // A page that is too large is read again, and ends sooner.
        damaged.clear();
        return devices.list({
          ...page,
          idPrefix,
          onDamage: (device) => damaged.set(device.deviceId, device),
        });
      };
      const { items, cursor } = await fittingPage(request.query, list, deviceJson);
      for (const device of damaged.values()) onDamage?.(device);
      const leftOut = damaged.size > 0 ? { damaged: [...damaged.keys()] } : {};
      return {
        status: 200,
        headers: nextLink(request, cursor),
        body: { devices: items, cursor, ...leftOut },
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({
    devices: dynamoDeviceStore(client, environment.table("devices"), environment.table("listings")),
    onDamage: stateDamageReporter(definition),
  }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
