import type { ConsumedCapacity, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { KinesisClient, PutRecordsCommandInput } from "@aws-sdk/client-kinesis";

/** What a client's requests have cost so far. */
export interface Consumption {
  writeUnits: number;
  readUnits: number;
  requests: number;
}

const WRITES = new Set(["PutItemCommand", "UpdateItemCommand", "DeleteItemCommand", "BatchWriteItemCommand"]);
const READS = new Set(["GetItemCommand", "BatchGetItemCommand", "QueryCommand", "ScanCommand"]);

/**
 * Makes the server report with each answer what it charged, and adds that up. The client is otherwise
 * unchanged, so its users are measured as they are.
 */
export const meterClient = (client: DynamoDBClient): Consumption => {
  const consumption: Consumption = { writeUnits: 0, readUnits: 0, requests: 0 };
  client.middlewareStack.add(
    (next, { commandName = "" }) =>
      async (args) => {
        if (!WRITES.has(commandName) && !READS.has(commandName)) return next(args);
        const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: "TOTAL" } });
        const units = unitsOf(result.output as { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] });
        consumption.requests++;
        if (WRITES.has(commandName)) consumption.writeUnits += units;
        else consumption.readUnits += units;
        return result;
      },
    { step: "initialize", name: "meter" },
  );
  return consumption;
};

const unitsOf = ({
  ConsumedCapacity: capacity = [],
}: {
  ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[];
}): number => [capacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);

/** A record that the stream accepted. */
export interface PutRecord {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Calls `accepted` with the records of each successful PutRecords. */
export const watchRecords = (
  client: KinesisClient,
  accepted: (records: readonly PutRecord[]) => void,
): void => {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const result = await next(args);
        if (commandName === "PutRecordsCommand") {
          const { Records = [] } = args.input as PutRecordsCommandInput;
          accepted(
            Records.map(({ PartitionKey = "", Data = new Uint8Array() }) => ({
              partitionKey: PartitionKey,
              data: Data,
            })),
          );
        }
        return result;
      },
    { step: "initialize", name: "watch" },
  );
};
