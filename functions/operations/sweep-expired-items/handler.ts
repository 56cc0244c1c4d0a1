import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoExpiredItems } from "../../../lib/adapters/dynamodb/expired-items.ts";
import { dynamoSweepTurns } from "../../../lib/adapters/dynamodb/sweep-turns.ts";
import { type SweepPorts, sweep } from "../../../lib/core/expiry/sweep.ts";
import { TABLES, type TableName } from "../../../lib/resources/table.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { httpFunction } from "../../../lib/runtime/http.ts";
import definition from "./definition.ts";

/** A third of the time at most, however often it is called. */
const LIMITS = { intervalMs: 60_000, budgetMs: 20_000 };

export const createHandler = (ports: SweepPorts) => {
  // Calls without end cost no reads and writes: within the interval this process doesn't ask the store.
  let askedAtMs: number | undefined;
  return httpFunction(definition, {
    "POST /": async () => {
      const nowMs = ports.now();
      if (askedAtMs !== undefined && Math.abs(nowMs - askedAtMs) < LIMITS.intervalMs) {
        return { status: 200, body: {} };
      }
      askedAtMs = nowMs;
      const done = await sweep(ports, LIMITS);
      return { status: 200, body: done ? { deleted: done.deletedCount, complete: done.isComplete } : {} };
    },
  });
};

const environment = readEnvironment(definition);
const client = dynamoClient();
const names = Object.keys(definition.tables) as (TableName & keyof typeof definition.tables)[];

export const handler = createHandler({
  items: dynamoExpiredItems(
    client,
    names.map((name) => ({ ...TABLES[name], tableName: environment.table(name) })),
  ),
  turns: dynamoSweepTurns(client, environment.table("claims")),
  now: Date.now,
});
