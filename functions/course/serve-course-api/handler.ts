import { randomUUID } from "node:crypto";
import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { deviceHeardLast } from "../../../lib/core/device/device-heard-last.ts";
import type { DeviceState } from "../../../lib/core/device/device-state.ts";
import { heardDevice } from "../../../lib/core/device/heard-device.ts";
import { trailingWindow, windowAverageSpeed } from "../../../lib/core/device/window-average-speed.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import { type RequestPorts, requestAverageSpeed } from "../../../lib/core/task/request-average-speed.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import type { ReadTrackPorts } from "../../../lib/core/track/read-track.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";
import { gpsState } from "./gps-state.ts";

interface DeviceQuery {
  readonly device_id?: string;
}

export const createHandler = (portsOf: OfTenant<ReadTrackPorts & RequestPorts>) => {
  const deviceOf = async (
    { devices }: Pick<RequestPorts, "devices">,
    { device_id: deviceId }: DeviceQuery,
  ): Promise<DeviceState> => {
    if (deviceId !== undefined) return heardDevice(devices, deviceId);
    return deviceHeardLast(devices, "device_id");
  };

  return httpFunction(definition, {
    "GET /gps_state": async ({ query, caller }) => ({
      status: 200,
      body: gpsState(await deviceOf(portsOf(caller.tenant), query)),
    }),

    "GET /compute_avg_speed": async ({ query, caller }) => {
      const ports = portsOf(caller.tenant);
      const state = await deviceOf(ports, query);
      const window = trailingWindow(state, query.time_window_seconds);
      const { averageSpeedMetersPerSecond } = await windowAverageSpeed(ports, state, window);
      return { status: 200, body: averageSpeedMetersPerSecond };
    },

    "POST /request_to_compute_avg_speed": async ({ query, caller }) => {
      const ports = portsOf(caller.tenant);
      const { deviceId } = await deviceOf(ports, query);
      const windowSeconds = query.time_window_seconds;
      const { taskId } = await requestAverageSpeed(ports, { deviceId, windowSeconds, keyId: caller.keyId });
      return { status: 200, body: taskId };
    },

    "GET /get_avg_speed_task_status": async ({ query, caller }) => {
      const { tasks, now } = portsOf(caller.tenant);
      const task = await tasks.get(query.task_id, now());
      if (task?.kind !== "average-speed" || task.deviceId !== (query.device_id ?? task.deviceId)) {
        throw new NotFoundError(`there is no task ${query.task_id}`);
      }
      const { status, result, reason } = task;
      return { status: 200, body: { status, result: result?.averageSpeedMetersPerSecond, reason } };
    },
  });
};

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant(
    {
      devices: dynamoDeviceStore(client, environment.table("devices"), environment.table("listings")),
      tracks: dynamoTrackStore(client, environment.table("tracks")),
      tasks: dynamoTaskStore(client, environment.table("tasks"), environment.table("listings")),
      workflows: stepFunctionsStarter(sfnClient(), {
        "average-speed": environment.workflow("average-speed"),
      }),
      claims: dynamoClaims(client, environment.table("claims")),
      onDamage: damageReporter(definition, segmentKey),
    },
    {
      compression: zstd,
      limits: { inAll: environment.limit("tasksWaiting"), perKey: environment.limit("tasksWaitingPerKey") },
      keptDays: environment.limit("taskKeptDays"),
      now: Date.now,
      newId: randomUUID,
    },
  ),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
