import { dirname } from "node:path";
import { Code } from "aws-cdk-lib/aws-lambda";
import { bundleFunctions } from "../bundle.ts";
import { createApp } from "./backtrack-app.ts";

// What `cdk` runs: bundles every function, then writes the template.
const { functions } = await bundleFunctions();
const folders = new Map(functions.map(({ name, file }) => [name, dirname(file)]));

const codeOf = (functionName: string): Code => {
  const folder = folders.get(functionName);
  if (!folder) throw new Error(`${functionName} has no bundle`);
  return Code.fromAsset(folder);
};

createApp(codeOf).app.synth();
