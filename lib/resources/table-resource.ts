/**
 * A table's keys, as data: CDK, the local stack and the tests create tables from it. Everything else in an
 * item is free.
 */
export interface TableResource {
  readonly partitionKey: { readonly name: string; readonly type: "S" | "N" };
  readonly sortKey?: { readonly name: string; readonly type: "S" | "N" };
  /** The attribute with the time, in seconds since 1970, after which the item may be deleted. */
  readonly timeToLive?: string;
}
