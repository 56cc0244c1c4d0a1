import { randomBytes, timingSafeEqual } from "node:crypto";
import type { KeySecrets } from "../core/access/api-key.ts";
import { sha256Now } from "./sha256.ts";

/**
 * A plain SHA-256, not bcrypt or the like: those make guessing slow, which matters for passwords. A key's 256
 * random bits can't be guessed at any speed, and a slow hash would cost every request a tenth of a second of
 * a core.
 */
export const keySecrets: KeySecrets = {
  random: (byteCount) => randomBytes(byteCount),
  hash: (text) => sha256Now(text, "hex"),
  isSameHash: (one, other) => {
    const [left, right] = [Buffer.from(one, "hex"), Buffer.from(other, "hex")];
    return left.length === right.length && timingSafeEqual(left, right);
  },
};
