import { createHash } from "node:crypto";
import { DEFAULT_TENANT, type TenantId } from "../core/tenant/tenant-id.ts";

/** Step Functions' own limit. */
const LONGEST_NAME = 80;
const DIGEST_CHARACTERS = 32;

/**
 * The name of a tenant's execution: `<tenant>_<name>`, which no other tenant's is, as no tenant's id holds
 * the sign. Of one that is too long the end is a digest of all of it.
 */
export const executionNameOf = (tenant: TenantId, name: string): string => {
  const whole = `${tenant}_${name}`;
  if (whole.length <= LONGEST_NAME) return whole;
  const digest = createHash("sha256").update(whole).digest("hex").slice(0, DIGEST_CHARACTERS);
  return `${whole.slice(0, LONGEST_NAME - DIGEST_CHARACTERS - 1)}-${digest}`;
};

/**
 * What an execution is started with: the input, and whose it is. Without a tenant it is the default one's.
 */
export const executionInput = (tenant: TenantId, input: object): object =>
  tenant === DEFAULT_TENANT ? input : { ...input, tenant };
