/** What is put on the positions stream: positions of one device; the partition key is the device id. */
export interface OutgoingRecord {
  readonly deviceId: string;
  /** An encoded segment (our own producers), or JSON. At most 1 MiB with the key. */
  readonly data: Uint8Array;
}

/** The `positions` stream, as a producer sees it. */
export interface PositionStream {
  /**
   * Resolves when every record was accepted, in the given order for each device. Retries what was throttled;
   * throws ThrottledError or UnavailableError when that does not help, and then some may have been accepted:
   * publish again.
   */
  publish(records: readonly OutgoingRecord[]): Promise<void>;
}
