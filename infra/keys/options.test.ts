import { expect, test } from "vitest";
import { keySecrets } from "../../lib/adapters/key-secrets.ts";
import { memoryApiKeyStore } from "../../lib/adapters/memory/api-key-store.ts";
import { createKey } from "../../lib/core/access/create-key.ts";
import { parseKeysOptions } from "./options.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12);
const parse = (...argv: string[]) => parseKeysOptions(argv, NOW_MS);
const LOCAL = { target: { stage: undefined, region: undefined, profile: undefined }, json: false };

test("create takes everything, before or after the rest", () => {
  expect(
    parse(
      ...["create", "--stage", "prod", "--region", "eu-west-1", "--profile", "fleet", "--json"],
      ...["--name", "phone", "--scope", "ingest, read", "--device-prefix", "van-", "--expires", "90d"],
    ),
  ).toEqual({
    action: "create",
    name: "phone",
    scopes: ["ingest", "read"],
    devicePrefix: "van-",
    expiresAtSeconds: NOW_MS / 1000 + 90 * 86_400,
    target: { stage: "prod", region: "eu-west-1", profile: "fleet" },
    json: true,
  });
});

test("a tenant is one that may be", () => {
  const named = parse("create", "--name", "x", "--scope", "read", "--tenant", "acme");
  expect(named).toMatchObject({ action: "create", tenant: "acme" });
  expect(parse("list", "--tenant", "acme")).toEqual({ action: "list", tenant: "acme", ...LOCAL });
  expect(() => parse("list", "--tenant", "Acme/x")).toThrow("tenant must be 1 to 24 characters");
});

test("without a stage it is about the stack that runs here", () => {
  expect(parse("list")).toEqual({ action: "list", ...LOCAL });
  expect(parse("revoke", "a", "b")).toEqual({ action: "revoke", keyIds: ["a", "b"], ...LOCAL });
});

test("revoke takes a key for its id, and shows nothing of one that is broken", async () => {
  const ports = { keys: memoryApiKeyStore(), secrets: keySecrets, now: () => NOW_MS };
  const { key, text } = await createKey(ports, { name: "x", scopes: ["read"] });
  expect(parse("revoke", text)).toMatchObject({ keyIds: [key.keyId] });
  expect(parse("revoke", `${text}x`)).toMatchObject({ keyIds: ["bt_(hidden)"] });
});

test.each([
  ["90m", 90 * 60],
  ["12h", 12 * 3_600],
  ["4w", 28 * 86_400],
  ["2026-11-20T12:00:01Z", 1],
  ["2026-11-20T14:00+01:00", 3_600],
])("--expires %s is in %d seconds", (expires, seconds) => {
  const options = parse("create", "--name", "x", "--scope", "read", "--expires", expires);
  expect(options).toMatchObject({ expiresAtSeconds: NOW_MS / 1000 + seconds });
});

const create = ["create", "--name", "x", "--scope", "read"];
test.each([
  [[], "say what to do: create, list or revoke"],
  [["frob"], "unknown command 'frob'"],
  [["create", "--name", "x"], "required option '--scope <scopes>' not specified"],
  [["create", "--scope", "read"], "required option '--name <name>' not specified"],
  [["create", "--name", "x", "--scope", "admin"], "one or more of ingest,read,control"],
  [["create", "--name", "x", "--scope", ""], "one or more of ingest,read,control"],
  [[...create, "--expires", "0d"], "must be in the future"],
  [[...create, "--expires", "2026-11-20T12:00:00Z"], "must be in the future"],
  [[...create, "--expires", "2027-01-01"], "must be in the future"],
  [[...create, "--expires", "soon"], "must be in the future"],
  [["list", "--region", "eu-west-1"], "name it with --stage"],
  [["list", "--profile", "fleet"], "name it with --stage"],
  [["list", "--key"], "unknown option '--key'"],
  [["revoke"], "missing required argument 'id'"],
])("%j is wrong use", (argv, message) => {
  expect(() => parse(...argv)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }),
  );
});
