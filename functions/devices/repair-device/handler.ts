import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoRepairStore } from "../../../lib/adapters/dynamodb/repair-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type PassLimits, type RepairPorts, repairDevice } from "../../../lib/core/repair/repair-device.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

/** Leaves enough of the function's time to read one more page and to save twice. */
const LIMITS: PassLimits = { maximumPositions: 5_000_000, maximumMs: 18_000 };
const BUSY_RETRY_SECONDS = "5";

export const createHandler = (portsOf: OfTenant<RepairPorts>, limits: PassLimits = LIMITS) =>
  httpFunction(definition, {
    "POST /devices/{deviceId}/repairs": async ({ parameters, caller }) => {
      const { status, positionCount, odometerMeters } = await repairDevice(
        portsOf(caller.tenant),
        parameters.deviceId,
        limits,
      );
      const complete = status === "complete";
      return {
        status: complete ? 200 : 202,
        ...(status === "busy" && { headers: { "retry-after": BUSY_RETRY_SECONDS } }),
        body: { complete, positionCount, odometerMeters: Math.round(odometerMeters * 100) / 100 },
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const tracksTable = environment.table("tracks");

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices")),
      tracks: dynamoTrackStore(client, tracksTable),
      repairs: dynamoRepairStore(client, tracksTable),
      onDamage: damageReporter(definition, segmentKey),
    },
    { compression: zstd, now: Date.now },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
