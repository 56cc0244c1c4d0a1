import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Replay } from "../../core/replay/replay.ts";
import type { ReplayStore } from "../../core/replay/replay-store.ts";
import { answerTo } from "../aws-errors.ts";
import type { Item } from "./batch.ts";
import { scanPage } from "./scan-page.ts";
import { onVersion } from "./version-condition.ts";

/** The replays table: a replay's fields as attributes, nested ones as maps and lists. */
export const dynamoReplayStore = (client: DynamoDBClient, tableName: string): ReplayStore => ({
  async get(replayId) {
    const command = new GetItemCommand({ TableName: tableName, Key: keyOf(replayId), ConsistentRead: true });
    const { Item: item } = await answerTo(`read replay ${replayId}`, client.send(command));
    return item && toReplay(item);
  },
  async save(replay) {
    const saved = { ...replay, version: replay.version + 1 };
    const command = new PutItemCommand({
      TableName: tableName,
      Item: marshall(saved, { removeUndefinedValues: true }),
      ...onVersion("replayId", replay.version),
    });
    await answerTo(`save replay ${replay.replayId} over version ${replay.version}`, client.send(command));
    return structuredClone(saved);
  },
  list(request) {
    const scan = { TableName: tableName, ConsistentRead: true };
    return scanPage(client, { scan, keyName: "replayId", keyOf, toItem: toReplay }, request);
  },
  async remove(replayId) {
    const command = new DeleteItemCommand({ TableName: tableName, Key: keyOf(replayId) });
    await answerTo(`delete replay ${replayId}`, client.send(command));
  },
});

const keyOf = (replayId: string): Item => ({ replayId: { S: replayId } });

const toReplay = (item: Item): Replay => unmarshall(item) as Replay;
