import * as Type from "typebox";
import { InvalidInputError } from "../../core/errors.ts";

const MAXIMUM_LENGTH = 255;

/** The header that makes a request safe to repeat, as in the IETF's draft of 2025: with or without quotes. */
export const IDEMPOTENCY_KEY = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: MAXIMUM_LENGTH,
      description:
        "A new value for each thing to create, such as a UUID. Repeating a request with its key within a day returns " +
        "what the first one created; a different request with that key is refused (422)",
    }),
  ),
});

/** Undefined when the caller sent none. Raises InvalidInputError. */
export const readIdempotencyKey = (
  headers: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const sent = headers["idempotency-key"]?.trim();
  if (sent === undefined) return undefined;
  const key = /^"(.*)"$/.exec(sent)?.[1] ?? sent;
  if (/^[\x20-\x7e]+$/.test(key) && key.length <= MAXIMUM_LENGTH) return key;
  const rule = `must be 1 to ${MAXIMUM_LENGTH} printable ASCII characters`;
  const problem = { field: "idempotency-key", value: sent.slice(0, 50), rule };
  throw new InvalidInputError(`idempotency-key ${rule}`, { problems: [problem] });
};
