import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import { expect, test } from "vitest";
import { BacktrackFunction } from "../../infra/aws/function.ts";
import { grantWhatItNames } from "../../infra/aws/grants.ts";
import { readSettings } from "../../infra/aws/settings.ts";
import { environmentOf } from "../../infra/engine/names.ts";
import { defineKind } from "../../lib/resources/kind.ts";
import { KINDS } from "../../lib/resources/kinds.ts";
import { defineFunction, type FunctionDefinition } from "../../lib/runtime/definition.ts";
import { readEnvironment, requiredVariables } from "../../lib/runtime/environment.ts";
import { stubCode } from "./synthesize.ts";

/* A kind of resource is one module: one that nobody has heard of gets its variables, its rights and its local names by being listed. */

interface UsesBells {
  readonly rings?: readonly string[];
}

const bellKind = defineKind({
  name: "bell",
  uses: ({ rings = [] }: UsesBells) => rings.map((name): [string, "ring"] => [name, "ring"]),
  variables: (name) => ({ [`${name.toUpperCase()}_BELL`]: "name", [`${name.toUpperCase()}_ROPE`]: "rope" }),
  permissions: () => [
    { actions: ["bells:Ring"], on: "arn", conditions: { Bool: { "aws:SecureTransport": "true" } } },
    { actions: ["kms:Decrypt"], on: "key", optional: true },
  ],
  local: (name, { arn }) => ({ name, rope: arn("bells", `rope/${name}`) }),
  read: (variable) => ({ bell: (name: string) => variable(`${name.toUpperCase()}_BELL`) }),
});
const kinds = [...KINDS, bellKind];

const listed = defineFunction({
  name: "ring-bell",
  description: "Rings a bell",
  memoryMegabytes: 128,
  timeoutSeconds: 5,
  publishesTo: ["positions"],
});
const definition: FunctionDefinition & UsesBells = { ...listed, rings: ["dinner"] };
type Environment = ReturnType<typeof readEnvironment<typeof listed>> & ReturnType<typeof bellKind.read>;
const OWN = ["DINNER_BELL", "DINNER_ROPE"];

test("a function that names one has to be told of it, and reads it", () => {
  expect(requiredVariables(definition, kinds)).toEqual(["POSITIONS_STREAM", ...OWN]);
  expect(() => readEnvironment(definition, { POSITIONS_STREAM: "s", DINNER_BELL: "b" }, kinds)).toThrow(
    "function ring-bell: environment variable DINNER_ROPE is not set",
  );
  const variables = { POSITIONS_STREAM: "s", DINNER_BELL: "b", DINNER_ROPE: "r" };
  // The type of what is read is named in the registry, where this kind is not.
  const environment = readEnvironment(definition, variables, kinds) as unknown as Environment;
  expect([environment.bell("dinner"), environment.stream("positions")]).toEqual(["b", "s"]);
});

test("in the local stack it has its name", () => {
  const local = environmentOf(definition, {}, kinds);
  expect(local).toEqual({
    POSITIONS_STREAM: "positions",
    DINNER_BELL: "dinner",
    DINNER_ROPE: expect.stringMatching(/^arn:aws:bells:.*:rope\/dinner$/),
  });
  expect(() => readEnvironment(definition, local, kinds)).not.toThrow();
});

test("on AWS its function may do with it what the kind says, where there is a key with the key, and gets its variables", () => {
  const deploy = (key?: string) => {
    const app = new App({ builtinCloudFormationValidation: false });
    const stack = new Stack(app, "backtrack-test");
    const settings = readSettings(app.node);
    const code = stubCode();
    const fn = new BacktrackFunction(stack, "Fn", { definition, code, key: new Key(stack, "Key"), settings });
    const bell = { name: "b", rope: "r", arn: "arn:bell", key };
    const stream = { name: "s", arn: "arn:stream" };
    grantWhatItNames(fn, (kind) => (kind === "bell" ? bell : stream), kinds);
    const { Resources } = Template.fromStack(stack).toJSON();
    const find = (type: string) =>
      Object.values<{ Type: string; Properties: Record<string, never> }>(Resources).find(
        ({ Type }) => Type === type,
      )?.Properties ?? {};
    return { role: JSON.stringify(find("AWS::IAM::Role")), lambda: find("AWS::Lambda::Function") };
  };
  const { role, lambda } = deploy("arn:key");
  expect(role).toContain(
    '{"Action":"bells:Ring","Condition":{"Bool":{"aws:SecureTransport":"true"}},"Effect":"Allow","Resource":"arn:bell"}',
  );
  expect(role).toContain('{"Action":"kms:Decrypt","Effect":"Allow","Resource":"arn:key"}');
  expect(lambda).toMatchObject({
    Environment: { Variables: { POSITIONS_STREAM: "s", DINNER_BELL: "b", DINNER_ROPE: "r" } },
  });
  expect(deploy().role).not.toContain("kms:Decrypt");
});

test("a deployment that lacks an attribute, for a variable or a permission, does not pass over it", () => {
  const app = new App();
  const stack = new Stack(app, "backtrack-test");
  const fn = new BacktrackFunction(stack, "Fn", {
    definition,
    code: stubCode(),
    key: new Key(stack, "Key"),
    settings: readSettings(app.node),
  });
  expect(() => grantWhatItNames(fn, () => ({ name: "n", arn: "arn" }), kinds)).toThrow(
    "DINNER_ROPE: the bell dinner has no rope",
  );
  const withoutArn = (kind: string) =>
    kind === "bell" ? { name: "n", rope: "r" } : { name: "n", arn: "arn" };
  expect(() => grantWhatItNames(fn, withoutArn, kinds)).toThrow("ring-bell: the bell dinner has no arn");
});
