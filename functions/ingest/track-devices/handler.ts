import type { Logger } from "@aws-lambda-powertools/logger";
import { dynamoClaims } from "../../../lib/adapters/dynamodb/claims.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoQuarantineStore } from "../../../lib/adapters/dynamodb/quarantine-store.ts";
import { dynamoLimits } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { dynamoTrackStore } from "../../../lib/adapters/dynamodb/track-store.ts";
import { segmentKey } from "../../../lib/adapters/segment-key.ts";
import { streamIdentityOf } from "../../../lib/adapters/streams/streams.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { claimedErasures } from "../../../lib/core/device/erasure-mark.ts";
import type { TrackingPorts } from "../../../lib/core/device/track-records.ts";
import { trackTenants } from "../../../lib/core/device/track-tenants.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import type { TenantId } from "../../../lib/core/tenant/tenant-id.ts";
import { whyNoDevice } from "../../../lib/core/usage/room-for-devices.ts";
import { damageReporter } from "../../../lib/runtime/damage.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { functionLogger } from "../../../lib/runtime/logger.ts";
import { type FunctionMetrics, functionMetrics } from "../../../lib/runtime/metrics.ts";
import { streamFunction } from "../../../lib/runtime/stream.ts";
import { readTimestampRules } from "../../../lib/runtime/timestamp-rules.ts";
import definition from "./definition.ts";

export const createHandler = (
  portsOf: OfTenant<TrackingPorts>,
  logger: Logger = functionLogger(definition),
  metrics: FunctionMetrics = functionMetrics(definition),
) =>
  streamFunction(definition, async (records) => {
    const { failures, quarantinedRecordCount, ...outcome } = await trackTenants(portsOf, records);
    metrics.count({
      LatePositions: outcome.latePositionCount,
      DuplicatePositions: outcome.duplicatePositionCount,
      ConflictingPositions: outcome.conflictingPositionCount,
      RefusedPositions: outcome.refusedPositionCount,
      QuarantinedRecords: quarantinedRecordCount,
      RecordsFailed: failures.reduce((count, { recordCount }) => count + recordCount, 0),
    });
    for (const { tenant, deviceId, sequenceNumber, error } of failures) {
      logger.error("device failed", { tenant, deviceId, sequenceNumber, error: error as Error });
    }
    if (quarantinedRecordCount > 0) logger.warn("quarantine", { records: quarantinedRecordCount });
    return { failedSequenceNumbers: failures.map(({ sequenceNumber }) => sequenceNumber) };
  });

const environment = readEnvironment(definition);
const client = dynamoClient();
const devices = dynamoDeviceStore(client, environment.table("devices"), environment.table("listings"));
const limits = dynamoLimits(client, environment.table("tenants"));
const claimsOf = dynamoClaims(client, environment.table("claims"));

export const handler = createHandler(
  portsOfTenant(
    {
      devices,
      tracks: dynamoTrackStore(client, environment.table("tracks")),
      quarantine: dynamoQuarantineStore(client, environment.table("quarantine"), {
        listingsTableName: environment.table("listings"),
        keptDays: environment.limit("quarantineKeptDays"),
      }),
      erasures: (tenant: TenantId) => claimedErasures(claimsOf(tenant), Date.now),
      whyNoDevice: whyNoDevice({ limits, devices, now: Date.now }),
      onDamage: damageReporter(definition, segmentKey),
    },
    {
      streams: streamIdentityOf(environment.stream("positions"), Date.now),
      compression: zstd,
      timestampRules: readTimestampRules(environment),
    },
  ),
);
