import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { SegmentCompression } from "../core/segment/compression.ts";

/** Level 3 is the knee: higher levels save under 2 % on segments and cost several times the time. */
const COMPRESS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };

/**
 * A frame may claim a window of gigabytes, which the decoder would allocate: 8 MiB is more than any segment
 * needs.
 */
const MAXIMUM_WINDOW_LOG = 23;

/** Zstandard of node:zlib. */
export const zstd: SegmentCompression = {
  compress: (bytes) => zstdCompressSync(bytes, COMPRESS),
  decompress: (bytes, maximumBytes) =>
    zstdDecompressSync(bytes, {
      maxOutputLength: maximumBytes,
      params: { [constants.ZSTD_d_windowLogMax]: MAXIMUM_WINDOW_LOG },
    }),
};
