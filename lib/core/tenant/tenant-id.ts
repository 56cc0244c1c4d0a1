import { InvalidInputError } from "../errors.ts";

declare const brand: unique symbol;

/**
 * Whose devices, recordings and replays these are. Only parseTenantId and DEFAULT_TENANT make one, so that no
 * other text can take its place. Keys in tables begin with it: its length is part of every item.
 */
export type TenantId = string & { readonly [brand]: "tenant" };

/** Characters of a tenant's id, each a byte. */
export const LONGEST_TENANT_ID = 24;
const TENANT_ID_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?$/;

/** The rule for tenant ids, in words. */
export const TENANT_ID_RULE =
  "must be 1 to 24 characters of a-z 0-9 -, and begin and end with a letter or digit";

/** The tenant of everything in a deployment that has just one. */
export const DEFAULT_TENANT = "default" as TenantId;

/** Whether the value is a tenant's id. */
export const isTenantId = (value: unknown): value is TenantId =>
  typeof value === "string" && TENANT_ID_PATTERN.test(value);

/** The value as a tenant's id; InvalidInputError for field `tenant` when it is none. */
export const parseTenantId = (value: unknown): TenantId => {
  if (isTenantId(value)) return value;
  const shown = typeof value === "string" ? value.slice(0, 40) : typeof value;
  throw new InvalidInputError(`tenant ${TENANT_ID_RULE}`, {
    problems: [{ field: "tenant", ...(value !== undefined && { value: shown }), rule: TENANT_ID_RULE }],
  });
};
