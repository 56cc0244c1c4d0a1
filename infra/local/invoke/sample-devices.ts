import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../../../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { unheardDevice } from "../../../lib/core/device/device-state.ts";
import { putErasure, putMark } from "../../../lib/core/device/erasure-mark.ts";
import { PositionBuffer } from "../../../lib/core/position/position-buffer.ts";
import { DEFAULT_TENANT } from "../../../lib/core/tenant/tenant-id.ts";
import { tableName } from "../../engine/names.ts";

const TO_DELETE = "example-device-to-delete";
const BEING_ERASED = "example-device-being-erased";

/**
 * Puts the devices and the quarantined record that sample events name into a stack's tables: a device to
 * delete, one whose erasure has begun, and a record that was refused. `nowMs` matters because erasures and
 * quarantined records expire.
 */
export const makeSampleDevices = async (client: DynamoDBClient, nowMs: number): Promise<void> => {
  const listingsTableName = tableName("listings");
  const devices = dynamoDeviceStore(client, tableName("devices"), listingsTableName)(DEFAULT_TENANT);
  const quarantine = dynamoQuarantineStore(client, tableName("quarantine"), { listingsTableName })(
    DEFAULT_TENANT,
  );
  const tasks = dynamoTaskStore(client, tableName("tasks"), listingsTableName)(DEFAULT_TENANT);
  const claims = dynamoClaims(client, tableName("claims"))(DEFAULT_TENANT);

  const tail = PositionBuffer.from([{ timestampMs: nowMs, latitude: 48.1374, longitude: 11.5755 }]);
  await devices.save({ ...unheardDevice(TO_DELETE), lastHeardMs: nowMs, positionCount: 1, tail });

  const taskId = "example-erasure";
  const expiresAtSeconds = 4_000_000_000;
  await tasks.create({
    taskId,
    kind: "erasure",
    status: "REQUESTED",
    requestedAtMs: nowMs,
    expiresAtSeconds,
  });
  await putErasure(claims, taskId, BEING_ERASED, nowMs);
  await putMark(claims, BEING_ERASED, { taskId }, nowMs);

  await quarantine.put({
    recordId: "example-record",
    stream: "example-stream",
    partitionKey: "example-bus",
    arrivedAtMs: nowMs,
    reason: "some of its positions were refused; the others were applied",
    problems: [{ index: 0, field: "latitude", value: 91, rule: "must be between -90 and 90" }],
    data: new TextEncoder().encode(
      '[{"timestamp":"2026-11-20T12:00:00Z","latitude":91,"longitude":11.5755}]',
    ),
  });
};
