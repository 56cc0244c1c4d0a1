import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../../lib/adapters/dynamodb/device-store.ts";
import { dynamoStorageCheck } from "../../../lib/adapters/dynamodb/storage-check.ts";
import { dynamoLimits } from "../../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { positionStreamOf } from "../../../lib/adapters/streams/streams.ts";
import { zstd } from "../../../lib/adapters/zstd.ts";
import { type Caller, mayUseDevices, prefixRule } from "../../../lib/core/access/caller.ts";
import { prefixInWords } from "../../../lib/core/access/device-prefix.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import { ForbiddenError, InvalidInputError } from "../../../lib/core/errors.ts";
import type { ElementsOutcome } from "../../../lib/core/position/elements.ts";
import type { DeviceLimit } from "../../../lib/core/position/parse-fleet-positions.ts";
import type { TimestampRules } from "../../../lib/core/position/parse-timestamp.ts";
import type { PositionStream } from "../../../lib/core/stream/position-stream.ts";
import { type PublishPorts, publishFleetPositions } from "../../../lib/core/stream/publish-positions.ts";
import type { OfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { devicesWithoutRoom } from "../../../lib/core/usage/room-for-devices.ts";
import type { CheckStorage } from "../../../lib/core/usage/room-for-positions.ts";
import type { SentPositions } from "../../../lib/protocols/protocol.ts";
import { protocolOf } from "../../../lib/protocols/registry.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { gathered } from "../../../lib/runtime/gathered-metrics.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import { functionMetrics } from "../../../lib/runtime/metrics.ts";
import { presentableProblems, sentence } from "../../../lib/runtime/problem.ts";
import type { HttpRequest } from "../../../lib/runtime/route-handlers.ts";
import { readTimestampRules } from "../../../lib/runtime/timestamp-rules.ts";
import definition from "./definition.ts";
import { withinRoom } from "./within-room.ts";

/** One line a minute per instance: a line per request would cost as much as the request. */
const METRICS_EVERY_MS = 60_000;

const refuseWhole = ({ accepted, rejected }: ElementsOutcome): void => {
  if (accepted > 0) return;
  const rule = "must hold at least one position";
  throw new InvalidInputError(
    rejected.length > 0 ? `nothing in the body is a position: ${sentence(rejected[0])}` : `body ${rule}`,
    { problems: rejected.length > 0 ? rejected : [{ field: "body", rule }] },
  );
};

/** A key that is for none of the devices gets the same answer as everywhere else. */
const refuseForbidden = ({ accepted, refused, forbidden }: SentPositions, caller: Caller): void => {
  if (accepted === 0 && forbidden > 0 && forbidden === refused) throw new ForbiddenError(prefixRule(caller));
};

const limitOf = (caller: Caller): DeviceLimit => ({
  isAllowed: (deviceId) => mayUseDevices(caller, [deviceId]),
  rule: `must be an id that ${prefixInWords(caller.devicePrefix ?? "")}: the key is for no other devices`,
});

/** Of the path; which of them there are depends on the route. */
type Parameters = Readonly<Record<string, string>>;

export interface AcceptPorts extends Omit<PublishPorts, "stream"> {
  readonly stream: OfTenant<PositionStream>;
  readonly now: Clock;
  /** What timestamps are held to, counted from now; TIMESTAMP_RULES unless given. */
  readonly timestampRules?: TimestampRules;
  /** Which devices are new ones that a tenant has no room for; without it there is room for all. */
  readonly withoutRoom?: ReturnType<typeof devicesWithoutRoom>;
  /** Without it there is room for all positions. */
  readonly checkStorage?: CheckStorage;
}

export const createHandler = (ports: AcceptPorts) => {
  const metrics = gathered(functionMetrics(definition), ports.now, METRICS_EVERY_MS);
  const accept = async ({
    routeKey,
    parameters,
    body,
    caller,
  }: HttpRequest<Parameters, object, Uint8Array>) => {
    const protocol = protocolOf(routeKey);
    const request = { parameters, body };
    const read = protocol.positions(request, {
      nowMs: ports.now(),
      timestampRules: ports.timestampRules,
      devices: limitOf(caller),
    });
    refuseForbidden(read, caller);
    if (protocol.mustBringPosition) refuseWhole(read);
    const { tenant } = caller;
    const sent = withinRoom(read, await ports.withoutRoom?.(tenant, [...read.positions.keys()]));
    await ports.checkStorage?.(tenant, sent.accepted);
    await publishFleetPositions({ ...ports, stream: ports.stream(tenant) }, sent.positions);
    const { accepted, refused, rejected } = sent;
    metrics.count({ PositionsAccepted: accepted, PositionsRejected: refused });
    const told = presentableProblems(rejected).map((problem) => ({
      index: problem.index,
      error: sentence(problem),
      ...problem,
    }));
    return protocol.reply({ device: protocol.device(request), accepted, rejected: told });
  };
  return httpFunction(definition, {
    "POST /devices/{deviceId}/positions": accept,
    "POST /positions": accept,
  });
};

const environment = readEnvironment(definition);
const client = dynamoClient();
const limits = dynamoLimits(client, environment.table("tenants"));
const devices = dynamoDeviceStore(client, environment.table("devices"), environment.table("listings"));

export const handler = createHandler({
  withoutRoom: devicesWithoutRoom({ limits, devices, now: Date.now }),
  checkStorage: dynamoStorageCheck(client, limits, environment.table),
  stream: positionStreamOf(environment.stream("positions")),
  compression: zstd,
  now: Date.now,
  timestampRules: readTimestampRules(environment),
}).use(
  checkAccess(
    definition,
    environment,
    dynamoAccess(client, environment.table("keys"), limits),
    (head, routeKey) => protocolOf(routeKey).credentials(head),
  ),
);
