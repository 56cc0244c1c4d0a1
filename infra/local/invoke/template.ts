import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { failure } from "../stack/failure.ts";

/** One resource of a CloudFormation template, as far as it is looked at. */
export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

export interface Template {
  /** The folder that it is in, and the functions' bundles beside it. */
  readonly folder: string;
  readonly resources: Readonly<Record<string, TemplateResource>>;
}

/** A function as the template deploys it. */
export interface DeployedFunction {
  /** As in functions/. */
  readonly name: string;
  readonly physicalName: string;
  readonly bundleFolder: string;
  /** `<file>.<export>`. */
  readonly handler: string;
  readonly memoryMegabytes: number;
  readonly timeoutSeconds: number;
  /** Strings, and what CloudFormation would make strings of. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What `npm run synth` writes. */
export const DEFAULT_TEMPLATE = "dist/cdk.out/backtrack-dev.template.json";

const ROOT = resolve(import.meta.dirname, "../../..");

/** Reads a template that `cdk synth` wrote; a relative path is the project's. Raises a CommandFailure. */
export const readTemplate = (file: string): Template => {
  const path = resolve(ROOT, file);
  if (!existsSync(path)) throw failure(`there is no template ${file}; \`npm run synth\` makes one`);
  let resources: Template["resources"] | undefined;
  try {
    resources = JSON.parse(readFileSync(path, "utf8"))?.Resources;
  } catch (error) {
    throw failure(`${file} is not JSON: ${error instanceof Error ? error.message : error}`, error);
  }
  if (typeof resources !== "object") throw failure(`${file} is not a CloudFormation template`);
  return { folder: dirname(path), resources };
};

/** Where in the app a resource was made, without the stack: `GetHealth/Function`. */
export const constructPath = ({ Metadata }: TemplateResource): string =>
  cdkPath(Metadata)
    .replace(/^[^/]*\//, "")
    .replace(/\/Resource$/, "");

/** What physical names begin with. */
export const stackName = ({ Metadata }: TemplateResource): string => cdkPath(Metadata).split("/")[0] ?? "";

const cdkPath = (metadata: TemplateResource["Metadata"]): string => String(metadata?.["aws:cdk:path"] ?? "");

/** The function of that name in functions/. Raises a CommandFailure when it is not deployed, or has no bundle. */
export const deployedFunction = (template: Template, name: string): DeployedFunction => {
  const found = Object.values(template.resources).find(
    (resource) =>
      resource.Type === "AWS::Lambda::Function" &&
      resource.Properties?.FunctionName === `${stackName(resource)}-${name}`,
  );
  if (!found) throw failure(`the template deploys no function ${name}; is it older than the function?`);
  const { FunctionName, Handler, MemorySize, Timeout, Environment } = found.Properties ?? {};
  const bundleFolder = join(template.folder, String(found.Metadata?.["aws:asset:path"] ?? ""));
  if (!found.Metadata?.["aws:asset:path"] || !existsSync(bundleFolder)) {
    throw failure(`the bundle of ${name} is not beside the template (${bundleFolder}); \`npm run synth\``);
  }
  return {
    name,
    physicalName: String(FunctionName),
    bundleFolder,
    handler: String(Handler),
    memoryMegabytes: Number(MemorySize),
    timeoutSeconds: Number(Timeout),
    variables: (Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables ?? {},
  };
};
