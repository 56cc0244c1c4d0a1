import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { App } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import type { Room } from "../../functions/room.ts";
import { addBacktrack } from "../../infra/aws/backtrack-app.ts";
import type { BacktrackStack } from "../../infra/aws/backtrack-stack.ts";
import {
  type Template as MergedTemplate,
  mergeNested,
  nestedTemplateFile,
  type TemplateResource,
} from "../../infra/aws/merge-nested.ts";
import { readSettings } from "../../infra/aws/settings.ts";
import { type StackSize, stackSizes } from "../../infra/aws/stack-sizes.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** A stub for a bundle where only the template matters. */
export const stubCode = (): Code => Code.fromInline("exports.handler = async () => {};");

/** The app's feature flags. */
export const FEATURE_FLAGS: Readonly<Record<string, unknown>> = {
  ...JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8")).context,
};

/** The app as `cdk` would make it with `-c` options, with stubs for bundles. */
export const appWith = (
  options: Readonly<Record<string, string>>,
  outdir?: string,
  rooms?: readonly Room[],
): { app: App; stack: BacktrackStack } => {
  const app = new App({
    // As `cdk` sets it: resources name their file in the assembly, nested stacks their template.
    context: { ...FEATURE_FLAGS, "aws:cdk:enable-asset-metadata": true, ...options },
    outdir,
    // CDK's own checks on a finished template take seconds each; the integration test runs `cdk synth` with
    // them.
    builtinCloudFormationValidation: false,
  });
  return { app, stack: addBacktrack(app, readSettings(app.node), stubCode, rooms) };
};

export type { TemplateResource };

/** The root's template, with all nested stacks' templates merged into it. */
export type Template = MergedTemplate & Required<Pick<MergedTemplate, "Outputs">>;

export interface Synthesized {
  readonly app: App;
  readonly stack: BacktrackStack;
  readonly template: Template;
  /** For the root and for each nested stack. */
  readonly sizes: readonly StackSize[];
  /** Of a nested stack by its id in the root. */
  templateOf(nestedStack: string): MergedTemplate;
  resourcesOf(type: string): [logicalId: string, resource: TemplateResource][];
}

const synthesized = new Map<string, Synthesized>();

/**
 * Synthesises the app with `-c` options; offline, without bundles. The same options once, as it takes a
 * second of the processor.
 */
export const synthesize = (options: Readonly<Record<string, string>> = {}): Synthesized => {
  const key = JSON.stringify(options);
  const known = synthesized.get(key) ?? synthesizeRooms(options);
  synthesized.set(key, known);
  return known;
};

/** The same with other rooms than the manifest's. */
export const synthesizeRooms = (
  options: Readonly<Record<string, string>>,
  rooms?: readonly Room[],
): Synthesized => {
  const outdir = mkdtempSync(join(tmpdir(), "backtrack-cdk-"));
  try {
    const { app, stack } = appWith(options, outdir, rooms);
    const root: Template = app.synth().getStackByName(stack.stackName).template;
    const read = (file: string): MergedTemplate => JSON.parse(readFileSync(join(outdir, file), "utf8"));
    const template = mergeNested(root, read);
    const sizes = stackSizes(root, read);
    const nested = new Map(
      Object.entries(root.Resources).flatMap(([id, resource]) => {
        const file = nestedTemplateFile(resource);
        return file ? [[id, read(file)]] : [];
      }),
    );
    const templateOf = (nestedStack: string): MergedTemplate => {
      const found = nested.get(nestedStack);
      if (!found) throw new Error(`there is no nested stack ${nestedStack}`);
      return found;
    };
    const resourcesOf = (type: string): [string, TemplateResource][] =>
      Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
    return { app, stack, template, sizes, templateOf, resourcesOf };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
};

/** The logical id that a value refers to, by Ref or by GetAtt. */
export const referenceOf = (value: unknown): string | undefined => {
  const { Ref, "Fn::GetAtt": attribute } = (value ?? {}) as { Ref?: string; "Fn::GetAtt"?: [string, string] };
  return Ref ?? attribute?.[0];
};

/** The statements in a role's own policies. */
export const statementsOfRole = (
  { template }: Synthesized,
  roleId: string | undefined,
  // biome-ignore lint/suspicious/noExplicitAny: IAM's own shape.
): any[] =>
  (template.Resources[roleId ?? ""]?.Properties.Policies ?? []).flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: unknown[] } }) => PolicyDocument.Statement,
  );

export const PRODUCTION = { stage: "prod", streamShards: "2" };
export const HIPAA = { stage: "prod", compliance: "hipaa", alarmEmail: "fleet@example.com" };
