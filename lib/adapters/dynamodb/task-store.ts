import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { NotFoundError, VersionConflictError } from "../../core/errors.ts";
import type { Task, TaskStore } from "../../core/task/task.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import { answerTo } from "../aws-errors.ts";
import { type Patience, REAL_PATIENCE } from "../backoff.ts";
import { taskEntry, tasksOf, tasksWith } from "../listing-keys.ts";
import { idInKey, tenantKey } from "../tenant-key.ts";
import { type Item, readItems } from "./batch.ts";
import { dynamoListings, listedPage } from "./listings.ts";

/**
 * The tasks table: a task's fields as attributes, where `taskId` is `<tenant>/<task id>`. `expiresAtSeconds`
 * is its time to live; DynamoDB may delete it later.
 */
export const dynamoTaskStore =
  (
    client: DynamoDBClient,
    tableName: string,
    listingsTableName?: string,
    patience: Patience = REAL_PATIENCE,
  ): OfTenant<TaskStore> =>
  (tenant) => {
    const listings = dynamoListings(client, listingsTableName, tenant);
    const keyOf = (taskId: string): Item => ({ taskId: { S: tenantKey(tenant, taskId) } });
    const toTask = (item: Item): Task => {
      const { taskId, ...fields } = unmarshall(item);
      return { taskId: idInKey(tenant, taskId), ...fields } as Task;
    };
    const read = async (taskId: string): Promise<Task | undefined> => {
      const command = new GetItemCommand({ TableName: tableName, Key: keyOf(taskId), ConsistentRead: true });
      const { Item: item } = await answerTo(`read task ${taskId}`, client.send(command));
      return item && toTask(item);
    };

    /** Changes a task that has no outcome yet. */
    const change = async (
      taskId: string,
      update: string,
      names: Readonly<Record<string, string>>,
      values: Readonly<Record<string, unknown>>,
    ): Promise<void> => {
      const command = new UpdateItemCommand({
        TableName: tableName,
        Key: keyOf(taskId),
        UpdateExpression: update,
        ConditionExpression: "#status = :requested",
        ExpressionAttributeNames: { "#status": "status", ...names },
        ExpressionAttributeValues: marshall(
          { ...values, ":requested": "REQUESTED" },
          { removeUndefinedValues: true },
        ),
      });
      const changed = await ignoringConflict(answerTo(`change task ${taskId}`, client.send(command)));
      if (!changed && !(await read(taskId))) throw new NotFoundError(`task ${taskId} does not exist`);
    };

    return {
      async create(task) {
        await listings.add(taskEntry(task), task.expiresAtSeconds);
        const command = new PutItemCommand({
          TableName: tableName,
          Item: { ...marshall(task, { removeUndefinedValues: true }), ...keyOf(task.taskId) },
          ConditionExpression: "attribute_not_exists(taskId)",
        });
        // If it exists, an earlier attempt created it, and it may already have an outcome.
        await ignoringConflict(answerTo(`create task ${task.taskId}`, client.send(command)));
      },
      async get(taskId, nowMs) {
        const task = await read(taskId);
        return task && nowMs < task.expiresAtSeconds * 1000 ? task : undefined;
      },
      list(kind, { devicePrefix, deviceId, ...request }, nowMs) {
        const range = deviceId === undefined ? tasksWith(kind, devicePrefix) : tasksOf(kind, deviceId);
        return listedPage(listings, range, request, {
          async load(taskIds) {
            const items = await readItems(client, tableName, taskIds.map(keyOf), patience);
            return items.map(toTask).filter(({ expiresAtSeconds }) => nowMs < expiresAtSeconds * 1000);
          },
          keyOf: taskEntry,
        });
      },
      async remove(taskId) {
        const task = await read(taskId);
        const command = new DeleteItemCommand({ TableName: tableName, Key: keyOf(taskId) });
        await answerTo(`delete task ${taskId}`, client.send(command));
        if (task) await listings.remove(taskEntry(task));
      },
      advance: (taskId, progress) =>
        change(taskId, "SET #field = :value", { "#field": "progress" }, { ":value": progress }),
      complete(taskId, outcome) {
        const field = outcome.status === "DONE" ? "result" : "reason";
        const value = outcome.status === "DONE" ? outcome.result : outcome.reason;
        const values = { ":status": outcome.status, ":value": value };
        return change(taskId, "SET #status = :status, #field = :value", { "#field": field }, values);
      },
    };
  };

const ignoringConflict = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await write;
    return true;
  } catch (error) {
    if (error instanceof VersionConflictError) return false;
    throw error;
  }
};
