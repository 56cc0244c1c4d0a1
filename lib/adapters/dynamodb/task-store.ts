import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { NotFoundError, VersionConflictError } from "../../core/errors.ts";
import type { Task, TaskStore } from "../../core/task/task.ts";
import { answerTo } from "../aws-errors.ts";
import type { Item } from "./batch.ts";

/** The tasks table: a task's fields as attributes. `expiresAtSeconds` is its time to live, which the table may heed late. */
export const dynamoTaskStore = (client: DynamoDBClient, tableName: string): TaskStore => {
  const read = async (taskId: string): Promise<Task | undefined> => {
    const command = new GetItemCommand({ TableName: tableName, Key: keyOf(taskId), ConsistentRead: true });
    const { Item: item } = await answerTo(`read task ${taskId}`, client.send(command));
    return item && (unmarshall(item) as Task);
  };

  return {
    async create(task) {
      const command = new PutItemCommand({
        TableName: tableName,
        Item: marshall(task, { removeUndefinedValues: true }),
        ConditionExpression: "attribute_not_exists(taskId)",
      });
      // One that is there already was created by an earlier attempt, and may have its outcome.
      await ignoringConflict(answerTo(`create task ${task.taskId}`, client.send(command)));
    },
    async get(taskId, nowMs) {
      const task = await read(taskId);
      return task && nowMs < task.expiresAtSeconds * 1000 ? task : undefined;
    },
    async complete(taskId, outcome) {
      const field = outcome.status === "DONE" ? "result" : "reason";
      const value = outcome.status === "DONE" ? outcome.result : outcome.reason;
      const command = new UpdateItemCommand({
        TableName: tableName,
        Key: keyOf(taskId),
        UpdateExpression: "SET #status = :status, #outcome = :outcome",
        ConditionExpression: "#status = :requested",
        ExpressionAttributeNames: { "#status": "status", "#outcome": field },
        ExpressionAttributeValues: marshall({
          ":status": outcome.status,
          ":outcome": value,
          ":requested": "REQUESTED",
        }),
      });
      const completed = await ignoringConflict(answerTo(`complete task ${taskId}`, client.send(command)));
      if (!completed && !(await read(taskId))) throw new NotFoundError(`task ${taskId} does not exist`);
    },
  };
};

const keyOf = (taskId: string): Item => ({ taskId: { S: taskId } });

const ignoringConflict = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof VersionConflictError) return false;
    throw error;
  }
};
