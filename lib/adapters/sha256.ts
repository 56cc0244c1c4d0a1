import { createHash } from "node:crypto";
import type { RunningSha256 } from "../core/sha256.ts";

export const runningSha256 = (): RunningSha256 => {
  const hash = createHash("sha256");
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digest: () => hash.digest("hex"),
  };
};

/** For adapters that can't wait for WebCrypto's answer. */
export const sha256Now = (data: string | Uint8Array, encoding: "hex" | "base64url"): string =>
  createHash("sha256").update(data).digest(encoding);
