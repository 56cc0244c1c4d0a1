import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { DEPLOYED_GROUPS } from "../groups.ts";
import { checkStack } from "./check-stack.ts";
import { placeholdersIn, withValues } from "./placeholders.ts";
import { STACK_FILE, STACK_RULES, stackYaml } from "./stack-file.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const written = readFileSync(join(ROOT, STACK_FILE), "utf8");
const { functions } = parse(withValues(written));

test("stack.yml is what the manifest makes; npm run openfaas -- stack --write writes it", () => {
  expect(written).toBe(stackYaml());
});

test("stack.yml says nothing that its readers don't understand", () => {
  expect(checkStack(written, STACK_RULES)).toEqual([]);
});

test("nor does it with every variable set to another value", () => {
  const others: Readonly<Record<string, string>> = {
    OPENFAAS_URL: "https://gateway.example.org",
    BACKTRACK_IMAGES: "ghcr.io/you/backtrack",
    BACKTRACK_VERSION: "0.2.0-rc.1",
    BACKTRACK_SERVER: "of-watchdog",
    BACKTRACK_SWEEP_SCHEDULE: "5 3 * * 1-5",
  };
  const environment = Object.fromEntries(
    [...placeholdersIn(written)].map(([name, value]) => [name, others[name] ?? `${value}7`]),
  );
  expect(Object.keys(others).filter((name) => !(name in environment))).toEqual([]);
  expect(checkStack(written, { ...STACK_RULES, environment })).toEqual([]);
});

test("a wrong value in a variable is found as well", () => {
  const environment = { BACKTRACK_IMAGES: "ghcr.io/You" };
  expect(checkStack(written, { ...STACK_RULES, environment })).toHaveLength(DEPLOYED_GROUPS.length);
});

test("each group is a function; the clock starts the sweep alone", () => {
  expect(Object.keys(functions)).toEqual(DEPLOYED_GROUPS.map(({ name }) => name));
  const started = Object.entries<{ annotations?: unknown }>(functions).filter(([, each]) => each.annotations);
  expect(started).toEqual([
    [
      "backtrack-sweep",
      expect.objectContaining({ annotations: { topic: "cron-function", schedule: "*/10 * * * *" } }),
    ],
  ]);
});

test("nothing in it is a secret, and every function gets the secrets by their names", () => {
  const names = Object.values<{ environment: object }>(functions).flatMap(({ environment }) =>
    Object.keys(environment),
  );
  expect(names.filter((name) => /TOKEN|PASSWORD|ACCESS_KEY|_SECRET/.test(name))).toEqual([]);
  for (const { secrets } of Object.values<{ secrets: string[] }>(functions)) {
    expect(secrets).toContain("backtrack-invoke-token");
  }
});
