/** A general-purpose compressor for bytes, as the segment codec needs it. */
export interface SegmentCompression {
  compress(bytes: Uint8Array): Uint8Array;
  /** Throws any error when the bytes are not its own or would unpack to more than `maximumBytes`. */
  decompress(bytes: Uint8Array, maximumBytes: number): Uint8Array;
}
