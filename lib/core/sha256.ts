/** SHA-256 of a text in UTF-8, hexadecimal. */
export const sha256 = async (text: string): Promise<string> => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** A SHA-256 of bytes that come in pieces. WebCrypto has none, so an adapter provides it. */
export interface RunningSha256 {
  update(bytes: Uint8Array): void;
  /** Hexadecimal; to be called once, at the end. */
  digest(): string;
}
