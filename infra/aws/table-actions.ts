import type { Access, TableName } from "../../lib/runtime/definition.ts";

/** What one table is asked for, by DynamoDB's names. */
export interface TableActions {
  readonly read: readonly string[];
  readonly write: readonly string[];
}

/**
 * What the adapters send to each table, and nothing else: test/dynamodb.int.test.ts records them while they pass their contracts,
 * and fails for an action that is missing here as for one that is never sent.
 */
export const TABLE_ACTIONS: Readonly<Record<TableName, TableActions>> = {
  claims: { read: ["GetItem", "Query"], write: ["DeleteItem", "PutItem"] },
  devices: { read: ["BatchGetItem"], write: ["DeleteItem", "PutItem"] },
  // Functions look up the key of a request. What lists and changes keys is `npm run keys`, with the rights of whoever runs it.
  keys: { read: ["GetItem"], write: [] },
  listings: { read: ["Query"], write: ["DeleteItem", "PutItem"] },
  quarantine: { read: ["BatchGetItem", "GetItem", "Query"], write: ["BatchWriteItem", "PutItem"] },
  recordings: { read: ["BatchGetItem", "GetItem"], write: ["PutItem"] },
  replays: { read: ["BatchGetItem", "GetItem"], write: ["DeleteItem", "PutItem"] },
  shares: { read: ["BatchGetItem", "GetItem"], write: ["DeleteItem", "PutItem"] },
  tasks: { read: ["BatchGetItem", "GetItem"], write: ["DeleteItem", "PutItem", "UpdateItem"] },
  // What changes limits is `npm run tenants`, with the rights of whoever runs it.
  tenants: { read: ["BatchGetItem"], write: [] },
  tracks: { read: ["GetItem", "Query"], write: ["BatchWriteItem", "PutItem"] },
  usage: { read: ["GetItem"], write: ["UpdateItem"] },
};

const READS = new Set(["BatchGetItem", "GetItem", "Query", "Scan"]);

export const isRead = (action: string): boolean => READS.has(action);

export const actionsOn = (table: TableName, access: Access): readonly string[] => {
  const { read, write } = TABLE_ACTIONS[table];
  if (access === "readWrite") return [...read, ...write];
  return access === "read" ? read : write;
};
