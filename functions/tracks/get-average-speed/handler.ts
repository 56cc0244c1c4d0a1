import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import type { DeviceStore } from "../../../lib/core/device/device-store.ts";
import { heardDevice } from "../../../lib/core/device/heard-device.ts";
import { trailingWindow, windowAverageSpeed } from "../../../lib/core/device/window-average-speed.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import type { ReadTrackPorts } from "../../../lib/core/track/read-track.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readTime } from "../../../lib/runtime/api/time.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = (portsOf: OfTenant<ReadTrackPorts & { readonly devices: DeviceStore }>) =>
  httpFunction(definition, {
    "GET /devices/{deviceId}/average-speed": async (request) => {
      const ports = portsOf(request.caller.tenant);
      const { deviceId } = request.parameters;
      const { windowSeconds, at } = request.query;
      const atMs = at === undefined ? undefined : readTime("at", at);
      const state = await heardDevice(ports.devices, deviceId);
      const window = trailingWindow(state, windowSeconds, atMs);
      const speed = await windowAverageSpeed(ports, state, window);
      const from = new Date(window.fromMs).toISOString();
      const to = new Date(window.toMs).toISOString();
      return { status: 200, body: { deviceId, windowSeconds, from, to, ...speed } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices")),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
      onDamage: damageReporter(definition, segmentKey),
    },
    { compression: zstd },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
