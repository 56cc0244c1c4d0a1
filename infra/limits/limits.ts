import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoTenantLimitStore } from "../../lib/adapters/dynamodb/tenant-limit-store.ts";
import { BacktrackError } from "../../lib/core/errors.ts";
import { changeLimits, EVERY_TENANT, LIMITS_CACHE_SECONDS } from "../../lib/core/tenant/tenant-limits.ts";
import { runCommand, say } from "../command/command-line.ts";
import { failure } from "../command/failure.ts";
import type { Target } from "../command/target.ts";
import { localClientSettings } from "../engine/clients.ts";
import { tableName } from "../engine/names.ts";
import { requireStack } from "../local/stack/registry.ts";
import { placeOf, stageOutputs } from "../stage-outputs.ts";
import { openStore, storeFailure } from "../store/address.ts";
import { parseLimitsOptions } from "./options.ts";

/*
 * `npm run limits`: how much tenants may have. The limits go to standard output as JSON, messages to standard
 * error.
 */

/** The output of the CloudFormation stack that names the table. */
const TENANTS_TABLE_OUTPUT = "TenantsTable";

const openTable = async (target: Target) => {
  const { stage, region, profile, url, data, store } = target;
  if (store !== undefined) {
    const { client, tableName: nameOf } = openStore(target);
    return { client, name: nameOf("tenants") };
  }
  if (stage === undefined) {
    const { dynamodbEndpoint, credentials } = await requireStack({
      ...(url !== undefined && { url }),
      ...(data !== undefined && { data }),
    });
    const client = new DynamoDBClient(localClientSettings(dynamodbEndpoint, credentials));
    return { client, name: tableName("tenants") };
  }
  const place = { ...(region !== undefined && { region }), ...(profile !== undefined && { profile }) };
  const outputs = await stageOutputs({ stage, ...place }, { [TENANTS_TABLE_OUTPUT]: "table of limits" });
  return { client: dynamoClient(placeOf(place)), name: outputs[TENANTS_TABLE_OUTPUT] };
};

/** The error of the table or of AWS, in one line. */
const inWords = (error: unknown, { store }: Target): unknown => {
  if (store !== undefined) return storeFailure(error, store);
  if (error instanceof BacktrackError) return failure(error.message, error);
  const isOfAws = error instanceof Error && "$metadata" in error;
  return isOfAws ? failure(`AWS refused: ${error.message || error.name}`, error) : error;
};

const main = async (): Promise<void> => {
  const { target, owner, changes } = parseLimitsOptions(process.argv.slice(2));
  const { client, name } = await openTable(target);
  const store = dynamoTenantLimitStore(client, name);
  const isChange = Object.keys(changes).length > 0;
  try {
    const limits = isChange ? await changeLimits(store, owner, changes) : await store.own(owner);
    const whose =
      owner === EVERY_TENANT ? "the limits of every tenant" : `the limits of tenant ${owner} alone`;
    const absent = owner === EVERY_TENANT ? "not limited" : "as for every tenant";
    const when = isChange ? `, within ${LIMITS_CACHE_SECONDS} s` : "";
    say(`backtrack: ${whose}${when}; what is absent is ${absent}:`);
    process.stdout.write(`${JSON.stringify(limits, null, 2)}\n`);
  } catch (error) {
    throw inWords(error, target);
  } finally {
    client.destroy();
  }
};

await runCommand(main);
