import { dirname } from "node:path";
import { App } from "aws-cdk-lib";
import { Code } from "aws-cdk-lib/aws-lambda";
import { bundleFunctions } from "../bundle.ts";
import { addBacktrack, addRules } from "./backtrack-app.ts";
import { readSettings, type Settings, SettingsError } from "./settings.ts";
import { sizeTable, stackSizesIn } from "./stack-sizes.ts";

/** Undefined, with a message, if an option is wrong. */
const settingsOf = (app: App): Settings | undefined => {
  try {
    return readSettings(app.node);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(`backtrack: ${error.message}`);
    return undefined;
  }
};

/** What `cdk` runs: bundles every function, writes the templates, and prints how much room each has left. */
const main = async (): Promise<void> => {
  const app = new App();
  const settings = settingsOf(app);
  if (!settings) {
    process.exitCode = 1;
    return;
  }
  const { functions } = await bundleFunctions();
  const folders = new Map(functions.map(({ name, file }) => [name, dirname(file)]));
  const { templateFile } = addBacktrack(app, settings, (functionName) => {
    const folder = folders.get(functionName);
    if (!folder) throw new Error(`${functionName} has no bundle`);
    return Code.fromAsset(folder);
  });
  addRules(app);
  const { directory } = app.synth();
  console.error(sizeTable(stackSizesIn(directory, templateFile)));
};

await main();
