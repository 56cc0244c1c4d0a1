import { ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { answerTo } from "../../../lib/adapters/aws-errors.ts";
import type { OpenStore } from "../address.ts";
import { type Persistence, persistently } from "../persistently.ts";
import { BACKUP_ORDER, type StoredTableName } from "../tables.ts";

/** Which of our tables the store has. */
export const existingTables = async (
  { client, tableName }: OpenStore,
  persistence: Persistence,
): Promise<ReadonlySet<StoredTableName>> => {
  const names = new Set<string>();
  let ExclusiveStartTableName: string | undefined;
  do {
    const command = new ListTablesCommand({ ExclusiveStartTableName });
    const page = await persistently(persistence, () => answerTo("list the tables", client.send(command)));
    for (const name of page.TableNames ?? []) names.add(name);
    ExclusiveStartTableName = page.LastEvaluatedTableName;
  } while (ExclusiveStartTableName !== undefined);
  return new Set(BACKUP_ORDER.filter((table) => names.has(tableName(table))));
};

/** Those of the tables that hold anything. */
export const filledTables = async (
  { client, tableName }: OpenStore,
  tables: Iterable<StoredTableName>,
  persistence: Persistence,
): Promise<StoredTableName[]> => {
  const filled: StoredTableName[] = [];
  for (const table of tables) {
    const command = new ScanCommand({ TableName: tableName(table), Limit: 1, ConsistentRead: true });
    const { Items = [] } = await persistently(persistence, () =>
      answerTo(`read ${table}`, client.send(command)),
    );
    if (Items.length > 0) filled.push(table);
  }
  return filled;
};
