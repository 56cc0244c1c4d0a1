/** A copy of bytes. A Buffer's own `slice` would share its memory. */
export const copyBytes = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);
