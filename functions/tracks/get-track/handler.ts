import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import type { DeviceStore } from "../../../lib/core/device/device-store.ts";
import { heardDevice } from "../../../lib/core/device/heard-device.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { type ReadTrackPorts, readTrack } from "../../../lib/core/track/read-track.ts";
import { deviceTrack } from "../../../lib/core/track/track-store.ts";
import { chooseFormat } from "../../../lib/runtime/accept.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { fittingCount, nextLink } from "../../../lib/runtime/api/page.ts";
import { encodeCursor, readRange } from "../../../lib/runtime/api/time-range.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import { damagedHeader } from "./damaged.ts";
import definition from "./definition.ts";
import { FORMATS } from "./formats.ts";

export const createHandler = (portsOf: OfTenant<ReadTrackPorts & { readonly devices: DeviceStore }>) =>
  httpFunction(definition, {
    "GET /devices/{deviceId}/track": async (request) => {
      const ports = portsOf(request.caller.tenant);
      const { deviceId } = request.parameters;
      const { limit, format: name } = request.query;
      const range = readRange(request.query);
      const format = chooseFormat(FORMATS, name, request.headers.accept);
      // The tail first: what is sealed between the two reads is then seen twice and returned once, never
      // missed.
      const { tail } = await heardDevice(ports.devices, deviceId);
      for (let atMost = limit; ; ) {
        const page = await readTrack(ports, deviceTrack(deviceId), { ...range, limit: atMost, tail });
        const { positions, nextMs, damaged } = page;
        const cursor = encodeCursor(nextMs);
        const body = format.encode({ name: deviceId, positions, cursor, damaged });
        const fewer = fittingCount(body, positions.count);
        if (fewer === positions.count) {
          const headers = { vary: "accept", ...nextLink(request, cursor), ...damagedHeader(damaged) };
          return { status: 200, headers, body, contentType: format.contentType };
        }
        atMost = fewer;
      }
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
