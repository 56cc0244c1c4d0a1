import { answerTo } from "../../lib/adapters/aws-errors.ts";
import { createTable } from "../engine/resources.ts";
import type { OpenStore } from "./address.ts";
import { type Persistence, persistently } from "./persistently.ts";
import { BACKUP_ORDER, STORED_TABLES } from "./tables.ts";

/** Creates each table that is missing; resolves when all can be used. */
export const createTables = async (
  { client, tableName }: OpenStore,
  persistence: Persistence,
): Promise<void> => {
  await Promise.all(
    BACKUP_ORDER.map((table) =>
      persistently(persistence, () =>
        answerTo(`create ${table}`, createTable(client, tableName(table), STORED_TABLES[table])),
      ),
    ),
  );
};
