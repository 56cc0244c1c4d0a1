import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/property-runs.ts";
import { keySecrets } from "../../adapters/key-secrets.ts";
import { memoryApiKeyStore } from "../../adapters/memory/api-key-store.ts";
import { ForbiddenError, InvalidInputError, UnauthenticatedError, UnavailableError } from "../errors.ts";
import type { ApiKeyStore, Scope } from "./api-key.ts";
import { authenticator, KEY_CACHE_SECONDS } from "./authenticate.ts";
import { createKey, type KeyRequest } from "./create-key.ts";

const START_MS = Date.UTC(2026, 10, 20, 12);
const REQUEST: KeyRequest = { name: "test", scopes: ["read"] };

let nowMs: number;
let reads: string[];
let keys: ApiKeyStore;
let authenticate: ReturnType<typeof authenticator>;
const now = () => nowMs;
const create = (request: Partial<KeyRequest> = {}) =>
  createKey({ keys, secrets: keySecrets, now }, { ...REQUEST, ...request });

beforeEach(() => {
  nowMs = START_MS;
  reads = [];
  keys = memoryApiKeyStore();
  const get = (keyId: string) => {
    reads.push(keyId);
    return keys.get(keyId);
  };
  authenticate = authenticator({ keys: { get }, secrets: keySecrets, now });
});

const refusalOf = (text: string | undefined, scope: Scope = "read") =>
  authenticate(text, scope).then(
    () => undefined,
    (error: Error) => error,
  );

test("a key tells who has it, and is kept as its hash alone", async () => {
  const { key, text } = await create({ devicePrefix: "van-" });
  expect(await authenticate(text, "read")).toEqual({
    tenant: "default",
    keyId: key.keyId,
    devicePrefix: "van-",
  });
  const kept = JSON.stringify(await keys.get(key.keyId));
  expect(kept).not.toContain(text.split("_")[2].slice(0, 10));
  expect(key.hash).toMatch(/^[0-9a-f]{64}$/);
});

test("a key opens its tenant, and what is no tenant's id is refused", async () => {
  const { key, text } = await create({ tenant: "acme" });
  expect(key.tenant).toBe("acme");
  expect(await authenticate(text, "read")).toMatchObject({ tenant: "acme" });
  const ofDefault = await create({ tenant: "default" });
  expect(ofDefault.key).not.toHaveProperty("tenant");
  await expect(create({ tenant: "Acme/x" })).rejects.toThrow("tenant must be 1 to 24 characters");
});

test("any mutation of a key is refused, in the same words", async () => {
  const one = await create();
  const other = await create();
  const mutation = fc.oneof(
    fc
      .tuple(fc.nat(one.text.length - 1), fc.string({ minLength: 0, maxLength: 3 }))
      .map(([at, text]) => one.text.slice(0, at) + text + one.text.slice(at + 1)),
    fc
      .tuple(fc.nat(one.text.length), fc.string({ minLength: 1 }))
      .map(([at, text]) => one.text.slice(0, at) + text + one.text.slice(at)),
    fc.nat(one.text.length).map((length) => one.text.slice(0, length)),
    // The id of one key with the secret of another.
    fc.constant(`bt_${other.key.keyId}_${one.text.split("_")[2]}`),
    fc.constantFrom(one.text.toLowerCase(), one.text.toUpperCase(), ` ${one.text}`, `${one.text}\n`, ""),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(mutation, async (text) => {
      fc.pre(text !== one.text && text !== other.text);
      const refusal = await refusalOf(text);
      expect(refusal).toBeInstanceOf(UnauthenticatedError);
      expect(refusal?.message).toBe("the key is not valid, or no longer valid");
    }),
    { numRuns: propertyRuns(500) },
  );
});

test("a key with the right form and id, but another secret, is refused by its hash", async () => {
  const { key, text } = await create();
  const forger = memoryApiKeyStore();
  await forger.create({ ...key, hash: keySecrets.hash("another key's text") });
  const forged = authenticator({ keys: forger, secrets: keySecrets, now });
  await expect(forged(text, "read")).rejects.toBeInstanceOf(UnauthenticatedError);
});

test.each([
  ["ingest", ["ingest"], []],
  ["read", ["read", "control"], ["ingest"]],
  ["control", ["ingest", "control", "read"], []],
] as [Scope, Scope[], Scope[]][])("scope %s is had by a key with %j only", async (scope, scopes, others) => {
  await expect(authenticate((await create({ scopes })).text, scope)).resolves.toBeDefined();
  const without = (["ingest", "read", "control"] as const).filter((each) => each !== scope);
  const refusal = await refusalOf(
    (await create({ scopes: others.length > 0 ? others : without })).text,
    scope,
  );
  expect(refusal).toBeInstanceOf(ForbiddenError);
  expect(refusal?.message).toBe(`the key does not have the scope ${scope}`);
});

describe("time", () => {
  test("a key is read once in a minute, and no longer believed after that", async () => {
    const { key, text } = await create();
    await authenticate(text, "read");
    await keys.remove(key.keyId);
    nowMs += KEY_CACHE_SECONDS * 1000 - 1;
    expect(await authenticate(text, "read")).toMatchObject({ keyId: key.keyId });
    expect(reads).toEqual([key.keyId]);
    nowMs += 1;
    expect(await refusalOf(text)).toBeInstanceOf(UnauthenticatedError);
  });

  test("expiry takes effect at once, whatever is remembered", async () => {
    const { text } = await create({ expiresAtSeconds: START_MS / 1000 + 10 });
    nowMs += 9_999;
    await authenticate(text, "read");
    nowMs += 1;
    expect(await refusalOf(text)).toBeInstanceOf(UnauthenticatedError);
  });

  test("a clock that goes back makes nothing live longer", async () => {
    const { key, text } = await create();
    await authenticate(text, "read");
    await keys.remove(key.keyId);
    nowMs -= 3_600_000;
    expect(await refusalOf(text)).toBeInstanceOf(UnauthenticatedError);
  });

  test("while the table does not answer, nobody is let in beyond that minute", async () => {
    const { text } = await create();
    const failing = { get: () => Promise.reject(new UnavailableError("read key: no answer")) };
    await expect(
      authenticator({ keys: failing, secrets: keySecrets, now })(text, "read"),
    ).rejects.toBeInstanceOf(UnavailableError);
  });
});

test("guesses cost no memory and push no key out", async () => {
  const { key, text } = await create();
  await authenticate(text, "read");
  for (let index = 0; index < 1_500; index++) {
    const { text: guess } = await createKey({ keys: memoryApiKeyStore(), secrets: keySecrets, now }, REQUEST);
    expect(await refusalOf(guess)).toBeInstanceOf(UnauthenticatedError);
  }
  await authenticate(text, "read");
  expect(reads.filter((keyId) => keyId === key.keyId)).toHaveLength(1);
});

test("more keys than are remembered still work", async () => {
  const made = await Promise.all(Array.from({ length: 1_100 }, () => create()));
  for (const { text } of [...made, ...made]) await authenticate(text, "read");
  expect(reads.length).toBeGreaterThan(1_100);
});

describe("a key that nobody should make is refused:", () => {
  test.each([
    [{ name: "" }, "name"],
    [{ name: "   " }, "name"],
    [{ name: "two\nlines" }, "name"],
    [{ name: "x".repeat(101) }, "name"],
    [{ scopes: [] }, "scope"],
    [{ scopes: ["admin" as Scope] }, "scope"],
    [{ devicePrefix: "" }, "device prefix"],
    [{ devicePrefix: "van 7" }, "device prefix"],
    [{ expiresAtSeconds: START_MS / 1000 }, "expiry"],
    [{ expiresAtSeconds: Number.NaN }, "expiry"],
  ])("%j", async (request, field) => {
    const refusal = await create(request).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(InvalidInputError);
    expect((refusal as InvalidInputError).problems).toMatchObject([{ field }]);
    expect((await keys.list({ limit: 10 })).items).toEqual([]);
  });
});
