import { type App, Validations } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks, ServerlessChecks } from "cdk-nag";
import { ROOMS } from "../../functions/manifest.ts";
import type { Room } from "../../functions/room.ts";
import { acknowledgeFindings } from "./acknowledgements.ts";
import { BacktrackStack } from "./backtrack-stack.ts";
import type { Settings } from "./settings.ts";

/** The rule packs that every synthesis must pass. */
export const RULE_PACKS = [AwsSolutionsChecks, ServerlessChecks, HIPAASecurityChecks, NIST80053R5Checks];

/**
 * Puts the stack `backtrack-<stage>` into the app; `codeOf` gives a function's bundle by the function's name.
 */
export const addBacktrack = (
  app: App,
  settings: Settings,
  codeOf: (functionName: string) => Code,
  rooms: readonly Room[] = ROOMS,
): BacktrackStack => {
  const stack = new BacktrackStack(app, `backtrack-${settings.stage}`, { rooms, settings, codeOf });
  acknowledgeFindings(stack, settings);
  return stack;
};

/** Checks the app against the rule packs: a finding that is not acknowledged fails the synthesis. */
export const addRules = (app: App): void => {
  Validations.of(app).addPlugins(...RULE_PACKS.map((Pack) => new Pack()));
};
