import { dynamoAccess } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { kinesisClient } from "../../lib/adapters/kinesis/client.ts";
import { kinesisPositionStream } from "../../lib/adapters/kinesis/position-stream.ts";
import { zstd } from "../../lib/adapters/zstd.ts";
import type { Clock } from "../../lib/core/clock.ts";
import { InvalidInputError } from "../../lib/core/errors.ts";
import { type ParsedPositions, parsePositions } from "../../lib/core/position/parse-positions.ts";
import { type PublishPorts, publishPositions } from "../../lib/core/stream/publish-positions.ts";
import { checkAccess } from "../../lib/runtime/access.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import { functionMetrics } from "../../lib/runtime/metrics.ts";
import { presentableProblems, sentence } from "../../lib/runtime/problem.ts";
import definition from "./definition.ts";

const metrics = functionMetrics(definition);

const refuseWhole = ({ accepted, rejected }: ParsedPositions): void => {
  if (accepted > 0) return;
  const rule = "must hold at least one position";
  throw new InvalidInputError(
    rejected.length > 0 ? `nothing in the body is a position: ${sentence(rejected[0])}` : `body ${rule}`,
    { problems: rejected.length > 0 ? rejected : [{ field: "body", rule }] },
  );
};

export const createHandler = (ports: PublishPorts & { readonly now: Clock }) =>
  httpFunction(definition, {
    "POST /devices/{deviceId}/positions": async (request: HttpRequest<{ deviceId: string }>) => {
      const { deviceId } = request.parameters;
      const parsed = parsePositions(request.rawBody, ports.now(), deviceId);
      refuseWhole(parsed);
      await publishPositions(ports, deviceId, parsed.positions);
      metrics.count({ PositionsAccepted: parsed.accepted, PositionsRejected: parsed.refused });
      const rejected = presentableProblems(parsed.rejected).map((problem) => ({
        index: problem.index,
        error: sentence(problem),
        ...problem,
      }));
      return { status: 202, body: { accepted: parsed.accepted, rejected } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler({
  stream: kinesisPositionStream(kinesisClient(), environment.stream("positions")),
  compression: zstd,
  now: Date.now,
}).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
