import type { FieldProblem } from "../errors.ts";
import type { Page, PageRequest } from "../page.ts";

/** A stream record that could not be applied, or not all of it: kept whole, with the reason. */
export interface QuarantinedRecord {
  /** `<shard>:<sequence number>`: unique, and the same at every redelivery. */
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

/** The quarantine table. Data larger than an item is kept in parts, which the port hides. */
export interface QuarantineStore {
  /** Putting the same record again changes nothing. */
  put(record: QuarantinedRecord): Promise<void>;
  get(recordId: string): Promise<QuarantinedRecord | undefined>;
  /** In no particular order, without the data. */
  list(request: PageRequest): Promise<Page<Omit<QuarantinedRecord, "data"> & { readonly dataBytes: number }>>;
}
