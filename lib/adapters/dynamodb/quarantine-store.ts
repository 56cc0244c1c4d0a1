import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { FieldProblem } from "../../core/errors.ts";
import { VersionConflictError } from "../../core/errors.ts";
import type { QuarantinedRecord, QuarantineStore } from "../../core/quarantine/quarantine.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { keptProblems } from "../kept-problems.ts";
import { type Item, writeItems } from "./batch.ts";
import { queryItems } from "./query-items.ts";
import { scanPage } from "./scan-page.ts";

/** An item may have 400 KB; this leaves room for its other attributes. */
const DATA_BYTES_PER_ITEM = 350 * 1024;

const DESCRIPTION = "recordId, #stream, partitionKey, arrivedAtMs, reason, problems, dataBytes, dataParts";
const DESCRIPTION_NAMES = { "#stream": "stream" };

type Description = Omit<QuarantinedRecord, "data"> & { readonly dataBytes: number };

/**
 * The quarantine table. Part 0 of a record describes it, and holds its data when that fits; else the data is in parts 1, 2, ...
 * Part 0 is written last: while it is missing the record is not there, and a redelivery writes it all again.
 */
export const dynamoQuarantineStore = (
  client: DynamoDBClient,
  tableName: string,
  patience: Patience = REAL_PATIENCE,
): QuarantineStore => {
  const readDescription = async (recordId: string, projection?: string): Promise<Item | undefined> => {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: keyOf(recordId),
      ConsistentRead: true,
      ProjectionExpression: projection,
    });
    return (await answerTo(`read quarantined record ${recordId}`, client.send(command))).Item;
  };

  return {
    async put(record) {
      const { recordId, data } = record;
      const problems = JSON.stringify(keptProblems(record.problems));
      const fits = data.length + Buffer.byteLength(problems) <= DATA_BYTES_PER_ITEM;
      const parts = fits ? [] : partsOf(data);
      if (parts.length > 0) {
        if (await readDescription(recordId, "recordId")) return;
        const requests = parts.map((part, index) => ({
          PutRequest: { Item: { ...keyOf(recordId, index + 1), data: { B: part } } },
        }));
        await writeItems(client, tableName, requests, patience);
      }
      const command = new PutItemCommand({
        TableName: tableName,
        Item: {
          ...keyOf(recordId),
          stream: { S: record.stream },
          partitionKey: { S: record.partitionKey },
          arrivedAtMs: { N: String(record.arrivedAtMs) },
          reason: { S: record.reason },
          problems: { S: problems },
          dataBytes: { N: String(data.length) },
          dataParts: { N: String(parts.length) },
          ...(parts.length === 0 && { data: { B: data } }),
        },
        ConditionExpression: "attribute_not_exists(recordId)",
      });
      try {
        await answerTo(`quarantine record ${recordId}`, client.send(command));
      } catch (error) {
        // It was put before; the first stays.
        if (!(error instanceof VersionConflictError)) throw error;
      }
    },
    async get(recordId) {
      const item = await readDescription(recordId);
      if (!item) return undefined;
      const { dataBytes, ...description } = toDescription(item);
      if (item.dataParts.N === "0") return { ...description, data: item.data.B ?? new Uint8Array() };
      const data = new Uint8Array(dataBytes);
      const parts = queryItems(client, {
        tableName,
        partition: { name: "recordId", value: { S: recordId } },
        sort: { name: "part", from: { N: "1" }, to: { N: String(item.dataParts.N) } },
      });
      let offset = 0;
      for await (const part of parts) {
        const bytes = part.data.B ?? new Uint8Array();
        data.set(bytes, offset);
        offset += bytes.length;
      }
      return { ...description, data };
    },
    list(request) {
      const scan = {
        TableName: tableName,
        ConsistentRead: true,
        ProjectionExpression: DESCRIPTION,
        FilterExpression: "part = :description",
        ExpressionAttributeNames: DESCRIPTION_NAMES,
        ExpressionAttributeValues: { ":description": { N: "0" } },
      };
      return scanPage(client, { scan, keyName: "recordId", keyOf, toItem: toDescription }, request);
    },
  };
};

const keyOf = (recordId: string, part = 0): Item => ({
  recordId: { S: recordId },
  part: { N: String(part) },
});

const partsOf = (data: Uint8Array): Uint8Array[] => {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < data.length; start += DATA_BYTES_PER_ITEM) {
    parts.push(data.subarray(start, start + DATA_BYTES_PER_ITEM));
  }
  return parts;
};

const toDescription = (item: Item): Description => ({
  recordId: String(item.recordId.S),
  stream: String(item.stream.S),
  partitionKey: String(item.partitionKey.S),
  arrivedAtMs: Number(item.arrivedAtMs.N),
  reason: String(item.reason.S),
  problems: JSON.parse(String(item.problems.S)) as FieldProblem[],
  dataBytes: Number(item.dataBytes.N),
});
