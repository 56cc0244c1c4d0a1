import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import type { DeviceStore } from "../../../lib/core/device/device-store.ts";
import { heardDevice } from "../../../lib/core/device/heard-device.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { deviceJson } from "../../../lib/runtime/api/device.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<{ readonly devices: DeviceStore }>) =>
  httpFunction(definition, {
    "GET /devices/{deviceId}": async ({ parameters, caller }) => {
      const { deviceId } = parameters;
      return { status: 200, body: deviceJson(await heardDevice(portsOf(caller.tenant).devices, deviceId)) };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({ devices: dynamoDeviceStore(client, environment.table("devices")) }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
