import { expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { ACCESS_VARIABLE, asksForKeys } from "../../lib/runtime/definition.ts";
import {
  HIPAA,
  PRODUCTION,
  referenceOf,
  type Synthesized,
  synthesize,
  type TemplateResource,
} from "./synthesize.ts";

const dev = synthesize();
const production = synthesize(PRODUCTION);
const open = synthesize({ apiAccess: "open" });

const functionNamed = (name: string, { resourcesOf }: Synthesized): TemplateResource => {
  const [, found] =
    resourcesOf("AWS::Lambda::Function").find(([, { Properties }]) =>
      Properties.FunctionName.endsWith(`-${name}`),
    ) ?? [];
  if (!found) throw new Error(`the template has no function ${name}`);
  return found;
};

test("no route has an authorizer at the gateway: the functions check the caller", () => {
  for (const deployment of [dev, production, open]) {
    for (const [, { Properties }] of deployment.resourcesOf("AWS::ApiGatewayV2::Route")) {
      expect(Properties.AuthorizationType, Properties.RouteKey).toBe("NONE");
    }
  }
});

const accessOf = ({ resourcesOf }: Synthesized): Set<string | undefined> =>
  new Set(
    resourcesOf("AWS::Lambda::Function")
      .filter(([, { Properties }]) => "KEYS_TABLE" in Properties.Environment.Variables)
      .map(([, { Properties }]) => Properties.Environment.Variables[ACCESS_VARIABLE]),
  );

test("functions require keys unless the deployment says open, which gives a warning", () => {
  expect(accessOf(dev)).toEqual(new Set(["keys"]));
  expect(accessOf(production)).toEqual(new Set(["keys"]));
  expect(accessOf(open)).toEqual(new Set(["open"]));
  const warningsOf = ({ stack }: Synthesized) =>
    stack.node.metadata.filter(({ type }) => type === "aws:cdk:warning").map(({ data }) => data);
  expect(warningsOf(open)).toEqual([expect.stringContaining("apiAccess=open: anybody")]);
  expect(warningsOf(dev)).toEqual([]);
  expect(open.template.Outputs.ApiAddress?.Description).toContain("open to everybody");
});

test("with HIPAA, logs that name keys are kept for six years, and no other function's are", () => {
  const hipaa = synthesize(HIPAA);
  for (const definition of MANIFEST) {
    const { Properties } = functionNamed(definition.name, hipaa);
    const logGroup = hipaa.template.Resources[referenceOf(Properties.LoggingConfig.LogGroup) ?? ""];
    expect(logGroup?.Properties.RetentionInDays, definition.name).toBe(asksForKeys(definition) ? 2192 : 30);
  }
});

test("the outputs name the table for the keys command", () => {
  const { KeysTable, FirstKey } = dev.template.Outputs;
  expect(referenceOf(KeysTable.Value)).toMatch(/^StorageKeysTable/);
  expect(FirstKey.Value).toContain("npm run keys -- create --stage dev ");
});
