import { dynamoAccess } from "../../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoQuarantineStore } from "../../../lib/adapters/dynamodb/quarantine-store.ts";
import { NotFoundError } from "../../../lib/core/errors.ts";
import type { QuarantineStore, QuarantineSummary } from "../../../lib/core/quarantine/quarantine.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { checkAccess } from "../../../lib/runtime/access.ts";
import { fittingPage, nextLink } from "../../../lib/runtime/api/page.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

/** A record may have thousands of problems, and a page of such records must still fit into a response. */
const PROBLEMS_IN_LISTING = 10;

const recordJson = (
  { arrivedAtMs, problems, ...rest }: QuarantineSummary,
  problemsShown = Number.POSITIVE_INFINITY,
) => ({
  ...rest,
  arrivedAt: new Date(arrivedAtMs).toISOString(),
  problems: problems.slice(0, problemsShown),
  problemCount: problems.length,
});

/** Any control character except tab and line ends: JSON needs six bytes for each. */
const BINARY = /[^\P{Cc}\t\n\r]/u;

/**
 * Data that is text as text, so that people can read it; anything else as base64, so that nothing is lost.
 */
const dataJson = (data: Uint8Array) => {
  const base64 = { encoding: "base64", data: Buffer.from(data).toString("base64") };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
    return BINARY.test(text) ? base64 : { encoding: "utf-8", data: text };
  } catch {
    return base64;
  }
};

export const createHandler = (portsOf: OfTenant<{ readonly quarantine: QuarantineStore }>) =>
  httpFunction(definition, {
    "GET /quarantine": async (request) => {
      const { quarantine } = portsOf(request.caller.tenant);
      const { items, cursor } = await fittingPage(request.query, quarantine.list, (record) =>
        recordJson(record, PROBLEMS_IN_LISTING),
      );
      return { status: 200, headers: nextLink(request, cursor), body: { records: items, cursor } };
    },
    "GET /quarantine/{recordId}": async ({ parameters, caller }) => {
      const record = await portsOf(caller.tenant).quarantine.get(parameters.recordId);
      if (!record) throw new NotFoundError(`record ${parameters.recordId} is not in quarantine`);
      const { data, ...rest } = record;
      return {
        status: 200,
        body: { ...recordJson({ ...rest, dataBytes: data.length }), ...dataJson(data) },
      };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler(
  portsOfTenant({
    quarantine: dynamoQuarantineStore(client, environment.table("quarantine"), {
      listingsTableName: environment.table("listings"),
    }),
  }),
).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
