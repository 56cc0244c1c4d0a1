import { App, type AppProps, Validations } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, ServerlessChecks } from "cdk-nag";
import { acknowledgeFindings } from "./acknowledgements.ts";
import { BacktrackStack } from "./backtrack-stack.ts";
import { readSettings } from "./settings.ts";

/** The rule packs that every synthesis must pass. */
export const RULE_PACKS = [AwsSolutionsChecks, ServerlessChecks, HIPAASecurityChecks, NIST80053R5Checks];

/** The CDK app, with one stack named `backtrack-<stage>`; `codeOf` gives a function's bundle by the function's name. */
export const createApp = (
  codeOf: (functionName: string) => Code,
  props?: AppProps,
): { app: App; stack: BacktrackStack } => {
  const app = new App(props);
  const settings = readSettings(app.node);
  const stack = new BacktrackStack(app, `backtrack-${settings.stage}`, { settings, codeOf });
  acknowledgeFindings(stack, settings);
  Validations.of(app).addPlugins(...RULE_PACKS.map((Pack) => new Pack()));
  return { app, stack };
};
