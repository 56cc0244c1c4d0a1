import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { createTable } from "../infra/engine/resources.ts";
import type { Clients } from "./cost-servers.ts";
import type { Fleet } from "./cost-workload.ts";
import { type Consumption, meterClient } from "./metered-client.ts";

/** The tables of the design that serves as the baseline, in the notation of lib/resources/. */
export const BASELINE_TABLES = {
  positions: {
    partitionKey: { name: "deviceId", type: "S" },
    sortKey: { name: "timestampMs", type: "N" },
  },
  latest: { partitionKey: { name: "deviceId", type: "S" } },
} as const;

/** The units its tables charged. */
export interface BaselineRun {
  readonly positions: number;
  readonly consumption: Consumption;
}

/**
 * What most position stores built from functions and tables do: each position becomes an item in the history
 * and, if it is the newest, the device's latest state.
 */
export const runBaseline = async ({ dynamodb }: Clients, fleet: Fleet): Promise<BaselineRun> => {
  for (const [name, keys] of Object.entries(BASELINE_TABLES)) await createTable(dynamodb, name, keys);
  const consumption = meterClient(dynamodb);
  let count = 0;
  for (const [deviceId, positions] of fleet) {
    for (const position of positions) {
      count++;
      const item = marshall({ deviceId, ...position });
      await dynamodb.send(new PutItemCommand({ TableName: "positions", Item: item }));
      await dynamodb.send(
        new PutItemCommand({
          TableName: "latest",
          Item: item,
          ConditionExpression: "attribute_not_exists(deviceId) OR timestampMs < :newer",
          ExpressionAttributeValues: { ":newer": item.timestampMs },
        }),
      );
    }
  }
  return { positions: count, consumption };
};
