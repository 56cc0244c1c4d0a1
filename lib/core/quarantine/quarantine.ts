import type { FieldProblem } from "../errors.ts";
import type { Page, PageRequest } from "../page.ts";

/** A stream record that could not be applied, fully or in part: kept whole, with the reason. */
export interface QuarantinedRecord {
  /**
   * `<shard>:<sequence number>:<arrival>`: unique, also when a stream is created again, and the same at every
   * redelivery.
   */
  readonly recordId: string;
  readonly stream: string;
  readonly partitionKey: string;
  readonly arrivedAtMs: number;
  readonly reason: string;
  /** Which elements were refused, when the rest of the record was applied. */
  readonly problems: readonly FieldProblem[];
  /** The record's data, whole. */
  readonly data: Uint8Array;
}

export type QuarantineSummary = Omit<QuarantinedRecord, "data"> & { readonly dataBytes: number };

export interface QuarantineListRequest extends PageRequest {
  /** Only records whose partition key is this device. */
  readonly deviceId?: string;
}

/** How long a record is kept after it reached the stream, unless a deployment says otherwise. */
export const QUARANTINE_KEPT_DAYS = 90;

/** Seconds since 1970 from which on a quarantined record is gone. */
export const quarantineExpiry = (arrivedAtMs: number, keptDays = QUARANTINE_KEPT_DAYS): number =>
  Math.ceil(arrivedAtMs / 1000) + keptDays * 24 * 60 * 60;

/**
 * The quarantine table. Data larger than an item is kept in parts, which the port hides. A record that has
 * expired is not there, whether or not the table has deleted it.
 */
export interface QuarantineStore {
  /** Putting the same record again changes nothing. */
  put(record: QuarantinedRecord): Promise<void>;
  get(recordId: string): Promise<QuarantinedRecord | undefined>;
  /** In no particular order, without the data. */
  list(request: QuarantineListRequest): Promise<Page<QuarantineSummary>>;
  /** Repeating it is harmless. */
  remove(recordId: string): Promise<void>;
}
