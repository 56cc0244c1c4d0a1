import validateAsl from "asl-validator";
import { expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { WORKFLOWS } from "../../lib/resources/workflow.ts";
import { functionArnPlaceholder, workflowsOf } from "../../lib/runtime/definition.ts";
import { HIPAA, referenceOf, statementsOfRole, synthesize, type TemplateResource } from "./synthesize.ts";

const dev = synthesize();
const hipaa = synthesize(HIPAA);

const machineOf = (workflow: string, { resourcesOf } = dev): TemplateResource => {
  const found = resourcesOf("AWS::StepFunctions::StateMachine").find(([, { Properties }]) =>
    Properties.StateMachineName.endsWith(`-${workflow}`),
  );
  if (!found) throw new Error(`the template has no workflow ${workflow}`);
  return found[1];
};

test("there is a state machine for every workflow, and no other", () => {
  expect(dev.resourcesOf("AWS::StepFunctions::StateMachine")).toHaveLength(WORKFLOWS.length);
});

test.each(WORKFLOWS)(
  "%s: every placeholder becomes the function of its name, and none is left",
  (workflow) => {
    const { DefinitionString: definition, DefinitionSubstitutions: substitutions } =
      machineOf(workflow).Properties;
    const placeholders = new Set(Array.from(definition.matchAll(/\$\{(\w+)\}/g), ([, name]) => name));
    expect(placeholders.size).toBeGreaterThan(0);
    expect(Object.keys(substitutions).toSorted()).toEqual([...placeholders].toSorted());
    for (const [placeholder, arn] of Object.entries(substitutions)) {
      const { Type, Properties } = dev.template.Resources[referenceOf(arn) ?? ""] ?? {};
      expect(Type).toBe("AWS::Lambda::Function");
      expect(functionArnPlaceholder(Properties.FunctionName.replace("backtrack-dev-", ""))).toBe(placeholder);
    }
  },
);

test.each(
  MANIFEST.filter(({ taskOf }) => taskOf).flatMap((definition) =>
    workflowsOf(definition).map((workflow) => ({ ...definition, workflow })),
  ),
)("the workflow $workflow calls $name, as its definition says", ({ workflow, ...definition }) => {
  const { DefinitionSubstitutions: substitutions } = machineOf(workflow).Properties;
  expect(Object.keys(substitutions)).toContain(functionArnPlaceholder(definition.name));
});

test.each(WORKFLOWS)("%s is valid Amazon States Language once filled in", (workflow) => {
  const { DefinitionString: definition } = machineOf(workflow).Properties;
  const filled = definition.replaceAll(
    /\$\{\w+\}/g,
    "arn:aws:lambda:us-east-1:000000000000:function:some-function",
  );
  const { isValid, errorsText } = validateAsl(JSON.parse(filled), { checkPaths: true, checkArn: true });
  expect(isValid, errorsText("\n")).toBe(true);
});

test("the validator finds a mistake", () => {
  const broken = JSON.parse(machineOf(WORKFLOWS[0] ?? "").Properties.DefinitionString);
  const { isValid } = validateAsl({ ...broken, StartAt: "Nowhere" });
  expect(isValid).toBe(false);
});

test.each(WORKFLOWS)("%s logs every step without its data, and is traced", (workflow) => {
  expect(machineOf(workflow).Properties).toMatchObject({
    LoggingConfiguration: { Level: "ALL", IncludeExecutionData: false },
    TracingConfiguration: { Enabled: true },
  });
});

test.each(WORKFLOWS)("%s can call exactly the functions that it names", (workflow) => {
  const { RoleArn, DefinitionSubstitutions: substitutions } = machineOf(workflow).Properties;
  const callable = statementsOfRole(dev, referenceOf(RoleArn))
    .filter(({ Action }) => Action === "lambda:InvokeFunction")
    .flatMap(({ Resource }) => (Array.isArray(Resource) ? Resource : [Resource]))
    .map(referenceOf);
  expect(callable.toSorted()).toEqual(Object.values(substitutions).map(referenceOf).toSorted());
});

test.each(WORKFLOWS)("%s: with HIPAA the customer's key encrypts its executions", (workflow) => {
  const { EncryptionConfiguration } = machineOf(workflow, hipaa).Properties;
  expect(EncryptionConfiguration?.Type).toBe("CUSTOMER_MANAGED_KMS_KEY");
});
