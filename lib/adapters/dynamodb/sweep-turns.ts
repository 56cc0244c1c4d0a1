import { type DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { VersionConflictError } from "../../core/errors.ts";
import type { SweepTurns } from "../../core/expiry/sweep.ts";
import { answerTo } from "../aws-errors.ts";
import { attempted } from "./attempted.ts";

/** No tenant's: those of a tenant begin with `<tenant>/`. */
const Key = { purpose: { S: "sweep" }, claim: { S: "expired-items" } };

/**
 * One item of the claims table: `{ purpose, claim, startedAtMs, place }`. It compares clocks of several
 * machines, which need only be right to about the interval: a start that lies further ahead than that came
 * from a wrong clock and counts for nothing.
 */
export const dynamoSweepTurns = (client: DynamoDBClient, tableName: string): SweepTurns => ({
  async take(nowMs, intervalMs) {
    try {
      const { Attributes: item } = await answerTo(
        "take a turn to sweep",
        client.send(
          new UpdateItemCommand({
            TableName: tableName,
            Key,
            UpdateExpression: "SET startedAtMs = :now",
            ConditionExpression:
              "attribute_not_exists(startedAtMs) OR startedAtMs <= :latest OR startedAtMs > :possible",
            ExpressionAttributeValues: {
              ":now": { N: String(nowMs) },
              ":latest": { N: String(nowMs - intervalMs) },
              ":possible": { N: String(nowMs + intervalMs) },
            },
            ReturnValues: "ALL_NEW",
          }),
        ),
      );
      return { startedAtMs: nowMs, ...(item?.place?.S !== undefined && { place: item.place.S }) };
    } catch (error) {
      if (error instanceof VersionConflictError) return undefined;
      throw error;
    }
  },
  async end({ startedAtMs }, place) {
    await attempted(
      "end a turn to sweep",
      client.send(
        new UpdateItemCommand({
          TableName: tableName,
          Key,
          UpdateExpression: place === undefined ? "REMOVE place" : "SET place = :place",
          ConditionExpression: "startedAtMs = :own",
          ExpressionAttributeValues: {
            ":own": { N: String(startedAtMs) },
            ...(place !== undefined && { ":place": { S: place } }),
          },
        }),
      ),
    );
  },
});
