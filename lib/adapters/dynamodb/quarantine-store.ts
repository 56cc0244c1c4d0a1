import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Clock } from "../../core/clock.ts";
import type { FieldProblem } from "../../core/errors.ts";
import { VersionConflictError } from "../../core/errors.ts";
import {
  type QuarantineStore,
  type QuarantineSummary,
  quarantineExpiry,
} from "../../core/quarantine/quarantine.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { keptProblems, keptReason } from "../kept-problems.ts";
import { quarantineEntry, quarantineOf, quarantineRange } from "../listing-keys.ts";
import { idInKey, tenantKey } from "../tenant-key.ts";
import { type Item, readItems, writeItems } from "./batch.ts";
import { dynamoListings, listedPage } from "./listings.ts";
import { queryItems } from "./query-items.ts";

/** An item may have 400 KB; this leaves room for its other attributes. */
const DATA_BYTES_PER_ITEM = 350 * 1024;

const DESCRIPTION = {
  ProjectionExpression:
    "recordId, #stream, partitionKey, arrivedAtMs, reason, problems, dataBytes, dataParts, expiresAtSeconds",
  ExpressionAttributeNames: { "#stream": "stream" },
};

export interface QuarantineTableOptions {
  readonly listingsTableName?: string;
  readonly keptDays?: number;
  readonly now?: Clock;
  readonly patience?: Patience;
}

/**
 * The quarantine table. Part 0 of a record describes it, and holds its data when that fits; else the data is
 * in parts 1, 2, ... Part 0 is written last: while it is missing the record is not there, and a redelivery
 * writes it all again. `recordId` is `<tenant>/<record id>`, and `partitionKey` is without the tenant.
 */
export const dynamoQuarantineStore =
  (
    client: DynamoDBClient,
    tableName: string,
    { listingsTableName, keptDays, now = Date.now, patience = REAL_PATIENCE }: QuarantineTableOptions = {},
  ): OfTenant<QuarantineStore> =>
  (tenant) => {
    const listings = dynamoListings(client, listingsTableName, tenant);
    const partitionOf = (recordId: string) => ({ S: tenantKey(tenant, recordId) });
    const keyOf = (recordId: string, part = 0): Item => ({
      recordId: partitionOf(recordId),
      part: { N: String(part) },
    });
    const toDescription = (item: Item): QuarantineSummary => ({
      recordId: idInKey(tenant, String(item.recordId.S)),
      stream: String(item.stream.S),
      partitionKey: String(item.partitionKey.S),
      arrivedAtMs: Number(item.arrivedAtMs.N),
      reason: String(item.reason.S),
      problems: JSON.parse(String(item.problems.S)) as FieldProblem[],
      dataBytes: Number(item.dataBytes.N),
    });
    const isThere = ({ expiresAtSeconds }: Item): boolean => now() < Number(expiresAtSeconds.N) * 1000;
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
        const { recordId, partitionKey, data } = record;
        const expiresAtSeconds = quarantineExpiry(record.arrivedAtMs, keptDays);
        const expires = { expiresAtSeconds: { N: String(expiresAtSeconds) } };
        const problems = JSON.stringify(keptProblems(record.problems));
        const fits = data.length + Buffer.byteLength(problems) <= DATA_BYTES_PER_ITEM;
        const parts = fits ? [] : partsOf(data);
        await listings.add(quarantineEntry(partitionKey, recordId), expiresAtSeconds);
        if (parts.length > 0) {
          if (await readDescription(recordId, "recordId")) return;
          const requests = parts.map((part, index) => ({
            PutRequest: { Item: { ...keyOf(recordId, index + 1), ...expires, data: { B: part } } },
          }));
          await writeItems(client, tableName, requests, patience);
        }
        const command = new PutItemCommand({
          TableName: tableName,
          Item: {
            ...keyOf(recordId),
            ...expires,
            stream: { S: record.stream },
            partitionKey: { S: partitionKey },
            arrivedAtMs: { N: String(record.arrivedAtMs) },
            reason: { S: keptReason(record.reason) },
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
        if (!item || !isThere(item)) return undefined;
        const { dataBytes, ...description } = toDescription(item);
        if (item.dataParts.N === "0") return { ...description, data: item.data.B ?? new Uint8Array() };
        const data = new Uint8Array(dataBytes);
        const parts = queryItems(client, {
          tableName,
          partition: { name: "recordId", value: partitionOf(recordId) },
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
      list({ deviceId, ...request }) {
        const range = deviceId === undefined ? quarantineRange() : quarantineOf(deviceId);
        return listedPage(listings, range, request, {
          async load(recordIds) {
            const keys = recordIds.map((recordId) => keyOf(recordId));
            const items = await readItems(client, tableName, keys, patience, DESCRIPTION);
            return items.filter(isThere).map(toDescription);
          },
          keyOf: ({ partitionKey, recordId }) => quarantineEntry(partitionKey, recordId),
        });
      },
      async remove(recordId) {
        const item = await readDescription(recordId, "partitionKey, dataParts");
        if (!item) return;
        // The description last, so that a removal that broke off can be repeated.
        const parts = Array.from({ length: Number(item.dataParts.N) + 1 }, (_, part) => ({
          DeleteRequest: { Key: keyOf(recordId, part) },
        }));
        await writeItems(client, tableName, parts.slice(1), patience);
        await writeItems(client, tableName, parts.slice(0, 1), patience);
        await listings.remove(quarantineEntry(String(item.partitionKey.S), recordId));
      },
    };
  };

const partsOf = (data: Uint8Array): Uint8Array[] => {
  const parts: Uint8Array[] = [];
  for (let start = 0; start < data.length; start += DATA_BYTES_PER_ITEM) {
    parts.push(data.subarray(start, start + DATA_BYTES_PER_ITEM));
  }
  return parts;
};
