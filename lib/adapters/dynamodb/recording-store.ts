import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import type { Recording, RecordingStore } from "../../core/recording/recording.ts";
import { answerTo } from "../aws-errors.ts";
import type { Item } from "./batch.ts";
import { scanPage } from "./scan-page.ts";

/** The recordings table: a recording's fields as attributes. Its positions are in the tracks table. */
export const dynamoRecordingStore = (client: DynamoDBClient, tableName: string): RecordingStore => ({
  async put(recording) {
    const command = new PutItemCommand({
      TableName: tableName,
      Item: marshall(recording, { removeUndefinedValues: true }),
    });
    await answerTo(`save recording ${recording.recordingId}`, client.send(command));
  },
  async get(recordingId) {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: keyOf(recordingId),
      ConsistentRead: true,
    });
    const { Item: item } = await answerTo(`read recording ${recordingId}`, client.send(command));
    return item && toRecording(item);
  },
  list(request) {
    const scan = { TableName: tableName, ConsistentRead: true };
    return scanPage(client, { scan, keyName: "recordingId", keyOf, toItem: toRecording }, request);
  },
  async remove(recordingId) {
    const command = new DeleteItemCommand({ TableName: tableName, Key: keyOf(recordingId) });
    await answerTo(`delete recording ${recordingId}`, client.send(command));
  },
});

const keyOf = (recordingId: string): Item => ({ recordingId: { S: recordingId } });

const toRecording = (item: Item): Recording => unmarshall(item) as Recording;
