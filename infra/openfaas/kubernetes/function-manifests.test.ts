import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { requiredVariables } from "../../../lib/runtime/environment.ts";
import { parseEngineSettings } from "../../engine/settings.ts";
import { DEPLOYED_GROUPS } from "../groups.ts";
import { SECRETS } from "../secrets/secrets.ts";
import { GATEWAY_TIMEOUT_SECONDS } from "../stack/timeouts.ts";
import { FUNCTIONS_FOLDER, functionManifests } from "./function-manifests.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const made = functionManifests();
const text = (name: string): string => made.get(name) ?? "";
// biome-ignore lint/suspicious/noExplicitAny: Kubernetes' objects; test/openfaas checks their schemas.
const objects = (name: string): any[] => parseAllDocuments(text(name)).map((document) => document.toJS());
const shared = new Map(
  text("variables.env")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line): [string, string] => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
);

test("the files are what the manifest of functions says now", () => {
  const folder = join(ROOT, FUNCTIONS_FOLDER);
  const found = readdirSync(folder).map((name): [string, string] => [
    name,
    readFileSync(join(folder, name), "utf8"),
  ]);
  const outOfDate = "npm run openfaas -- kubernetes --write";
  expect(Object.fromEntries(found), outOfDate).toEqual(Object.fromEntries(made));
});

test.each(DEPLOYED_GROUPS)("$name has every variable that its functions need, once", (group) => {
  const [deployment] = objects(`${group.shortName}.yaml`);
  const [{ env = [], envFrom }] = deployment.spec.template.spec.containers;
  expect(envFrom).toEqual([{ configMapRef: { name: "backtrack-functions" } }]);
  const own: string[] = env.map(({ name }: { name: string }) => name);
  expect(own.filter((name) => shared.has(name))).toEqual([]);
  const needed = group.functions.flatMap((definition) => requiredVariables(definition));
  expect(needed.filter((name) => !shared.get(name) && !own.includes(name))).toEqual([]);
});

test("only the API believes what a proxy forwards, and each group has limits of its own", () => {
  for (const group of DEPLOYED_GROUPS) {
    const [{ spec }] = objects(`${group.shortName}.yaml`);
    const [{ env }] = spec.template.spec.containers;
    const own = Object.fromEntries(
      env.map((each: { name: string; value: string }) => [each.name, each.value]),
    );
    expect(own.TRUST_FORWARDED, group.name).toBe(group.isPublic ? "true" : undefined);
    expect(own).toMatchObject({
      max_inflight: `${group.maximumInFlight}`,
      exec_timeout: `${group.timeoutSeconds}s`,
    });
  }
  expect([...shared.keys()].filter((name) => /TRUST|timeout|inflight/.test(name))).toEqual([]);
});

test("variables with different values in different groups are each group's own", () => {
  const [first, second] = DEPLOYED_GROUPS.map((group, index) => ({
    ...group,
    functions: [{ ...group.functions[0], routes: [], environment: { SPEED: `${index}`, SAME: "same" } }],
  }));
  const files = functionManifests([first, second]);
  expect(files.get("variables.env")).toContain("SAME=same\n");
  expect(files.get("variables.env")).not.toContain("SPEED");
  for (const [index, group] of [first, second].entries()) {
    const [document] = parseAllDocuments(files.get(`${group.shortName}.yaml`) ?? "");
    expect(document.toJS().spec.template.spec.containers[0].env).toContainEqual({
      name: "SPEED",
      value: `${index}`,
    });
  }
});

test("a call in flight may end before its pod does", () => {
  for (const { shortName, timeoutSeconds } of DEPLOYED_GROUPS) {
    const [{ spec }] = objects(`${shortName}.yaml`);
    expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(timeoutSeconds + 10);
  }
});

test("OpenFaaS' gateway waits for the longest call, as its chart is told", () => {
  const { gateway } = parse(
    readFileSync(join(ROOT, "infra/openfaas/kubernetes/openfaas-values.yaml"), "utf8"),
  );
  const [upstream, read, write] = [gateway.upstreamTimeout, gateway.readTimeout, gateway.writeTimeout].map(
    (text) => Number(/^(\d+)s$/.exec(text)?.[1]),
  );
  expect(upstream).toBeGreaterThanOrEqual(GATEWAY_TIMEOUT_SECONDS);
  expect(Math.min(read, write)).toBeGreaterThan(upstream);
});

test("an engine has time to end its calls before it is killed, in Kubernetes and on faasd", () => {
  const required = ["--functions-url", "http://a", "--stream", "nats://a/b", "--inbox", "/c"];
  const { drainSeconds } = parseEngineSettings(required);
  const core = join(ROOT, "infra/openfaas/kubernetes/core");
  for (const name of ["engine.yaml", "inbox.yaml"]) {
    const [, seconds] =
      /terminationGracePeriodSeconds: (\d+)/.exec(readFileSync(join(core, name), "utf8")) ?? [];
    expect(Number(seconds), name).toBeGreaterThan(drainSeconds + 10);
  }
  // faasd's own, unless a service's environment has grace_period.
  expect(30).toBeGreaterThan(drainSeconds);
});

test("every secret is mounted, made from a file, and none is in a variable", () => {
  const kustomization = parseAllDocuments(
    readFileSync(join(ROOT, "infra/openfaas/kubernetes/secrets/kustomization.yaml"), "utf8"),
  )[0].toJS();
  const names = Object.keys(SECRETS);
  expect(kustomization.secretGenerator).toEqual(names.map((name) => ({ name, files: [name] })));
  const [{ spec }] = objects("http.yaml");
  expect(spec.template.spec.volumes[0].projected.sources).toEqual(
    names.map((name) => ({ secret: { name } })),
  );
  expect([...shared.keys()].filter((name) => /TOKEN|PASSWORD|ACCESS_KEY/.test(name))).toEqual([]);
});
