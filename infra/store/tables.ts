import { TABLES, type TableName } from "../../lib/resources/table.ts";
import type { TableResource } from "../../lib/resources/table-resource.ts";
import { ENGINE_TABLES, type EngineTableName } from "../engine/tables.ts";

/** Everything that a self-hosted Backtrack stores: the functions' tables and the engine's. */
export type StoredTableName = TableName | EngineTableName;

export const STORED_TABLES: Readonly<Record<StoredTableName, TableResource>> = {
  ...TABLES,
  ...ENGINE_TABLES,
};

/**
 * The order in which a backup reads them, while positions keep coming. What leads to something is read before
 * it, and writers write the other way round: whatever a backup speaks of, it holds.
 *
 * - Checkpoints first: what was read of a device later has everything up to them. The records behind them are
 *   delivered again after a restore, and the devices' fences drop those that a state has already.
 * - An execution before the replay or task that it works on.
 * - Leases behind what carries their tokens: no saved token is greater than its lease's.
 * - A device before its track: each sealed segment is stored before the state that says so. A replay before
 *   its recording, and that before its track.
 * - Listings last: what exists is listed first.
 */
export const BACKUP_ORDER: readonly StoredTableName[] = [
  "event-source-checkpoints",
  "executions",
  "schedules",
  "leases",
  "devices",
  "replays",
  "tasks",
  "shares",
  "recordings",
  "tracks",
  "quarantine",
  "keys",
  "tenants",
  "usage",
  "claims",
  "listings",
];

export const isStoredTable = (name: string): name is StoredTableName => Object.hasOwn(STORED_TABLES, name);

/** Whether only an engine of ours has it; on AWS, services keep that. */
export const isEngineTable = (name: StoredTableName): name is EngineTableName =>
  Object.hasOwn(ENGINE_TABLES, name);
