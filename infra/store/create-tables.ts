import { createTable } from "../engine/resources.ts";
import type { OpenStore } from "./address.ts";
import { BACKUP_ORDER, STORED_TABLES, type StoredTableName } from "./tables.ts";

/** Creates each table that is missing, one after the other; resolves when all can be used. */
export const createTables = async (
  { client, tableName }: OpenStore,
  onTable: (table: StoredTableName) => void = () => {},
): Promise<void> => {
  for (const table of BACKUP_ORDER) {
    await createTable(client, tableName(table), STORED_TABLES[table]);
    onTable(table);
  }
};
