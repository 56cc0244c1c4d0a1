import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import type { Clock } from "../../../lib/core/clock.ts";
import type { TaskStore } from "../../../lib/core/task/task.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { CAUGHT_ERROR, reasonOf } from "../../../lib/runtime/caught-error.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { functionLogger } from "../../../lib/runtime/logger.ts";
import { refusableTaskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

const INPUT = Type.Object({ taskId: Type.String(), error: CAUGHT_ERROR });

export interface Ports {
  readonly tasks: TaskStore;
  readonly now: Clock;
  /** Is told of a file that was not imported: perhaps nobody is waiting for it. */
  readonly warn: (message: string, details: { readonly file: string; readonly reason: string }) => void;
}

export const createHandler = (portsOf: OfTenant<Ports>) =>
  refusableTaskFunction(definition, INPUT, async ({ taskId, error }, { tenant }) => {
    const { tasks, now, warn } = portsOf(tenant);
    const reason = reasonOf(error);
    const task = await tasks.get(taskId, now());
    if (task?.kind === "import") warn("a file was not imported", { file: task.file.key, reason });
    await tasks.complete(taskId, { status: "FAILED", reason });
    return { taskId, reason };
  });

const logger = functionLogger(definition);
const environment = readEnvironment(definition);

export const handler = createHandler(
  portsOfTenant(
    { tasks: dynamoTaskStore(dynamoClient(), environment.table("tasks")) },
    { now: Date.now, warn: (...line: Parameters<Ports["warn"]>) => logger.warn(...line) },
  ),
);
