import type { Clock } from "../clock.ts";
import { type FieldProblem, InvalidInputError } from "../errors.ts";
import { DEVICE_ID_PATTERN } from "../identity/device-id.ts";
import { DEFAULT_TENANT, isTenantId, parseTenantId, TENANT_ID_RULE } from "../tenant/tenant-id.ts";
import { type ApiKey, type ApiKeyStore, type KeySecrets, SCOPES, type Scope } from "./api-key.ts";
import { KEY_ID_BYTES, keyText, SECRET_BYTES } from "./key-text.ts";

export interface CreateKeyPorts {
  readonly keys: ApiKeyStore;
  readonly secrets: KeySecrets;
  readonly now: Clock;
}

export interface KeyRequest {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** By default the default tenant. An invalid id is refused. */
  readonly tenant?: string;
  readonly devicePrefix?: string;
  readonly expiresAtSeconds?: number;
}

export const LONGEST_KEY_NAME = 100;

/** Makes a key. `text` is the key itself; it can't be read again. Throws InvalidInputError. */
export const createKey = async (
  { keys, secrets, now }: CreateKeyPorts,
  request: KeyRequest,
): Promise<{ readonly key: ApiKey; readonly text: string }> => {
  const problems = problemsOf(request, now());
  if (problems.length > 0) {
    throw new InvalidInputError(problems.map(({ field, rule }) => `${field} ${rule}`).join("; "), {
      problems,
    });
  }
  const { keyId, text } = keyText(secrets.random(KEY_ID_BYTES), secrets.random(SECRET_BYTES));
  const { name, devicePrefix, expiresAtSeconds } = request;
  const tenant = parseTenantId(request.tenant ?? DEFAULT_TENANT);
  const key: ApiKey = {
    keyId,
    name,
    scopes: SCOPES.filter((scope) => request.scopes.includes(scope)),
    ...(tenant !== DEFAULT_TENANT && { tenant }),
    ...(devicePrefix !== undefined && { devicePrefix }),
    createdAtMs: now(),
    ...(expiresAtSeconds !== undefined && { expiresAtSeconds }),
    hash: secrets.hash(text),
  };
  await keys.create(key);
  return { key, text };
};

const problemsOf = (request: KeyRequest, nowMs: number): FieldProblem[] => {
  const { name, scopes, tenant, devicePrefix, expiresAtSeconds } = request;
  const problems: FieldProblem[] = [];
  // A name is for one line of a table.
  if (!/^\P{Cc}+$/u.test(name) || name.length > LONGEST_KEY_NAME || name.trim() === "") {
    problems.push({
      field: "name",
      value: name,
      rule: `must be 1 to ${LONGEST_KEY_NAME} characters of text`,
    });
  }
  if (scopes.length === 0 || !scopes.every((scope) => SCOPES.includes(scope))) {
    problems.push({ field: "scope", value: scopes, rule: `must be one or more of ${SCOPES.join(", ")}` });
  }
  if (tenant !== undefined && !isTenantId(tenant)) {
    problems.push({ field: "tenant", value: tenant, rule: TENANT_ID_RULE });
  }
  if (devicePrefix !== undefined && !DEVICE_ID_PATTERN.test(devicePrefix)) {
    const rule = "must be the beginning of a device id: A-Z a-z 0-9 . _ : @ -";
    problems.push({ field: "device prefix", value: devicePrefix, rule });
  }
  if (expiresAtSeconds !== undefined && !(expiresAtSeconds * 1000 > nowMs)) {
    problems.push({ field: "expiry", value: expiresAtSeconds, rule: "must be in the future" });
  }
  return problems;
};
