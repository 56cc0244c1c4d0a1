import { App } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { ROOMS } from "../../functions/manifest.ts";
import { ACKNOWLEDGEMENTS } from "../../infra/aws/acknowledgements.ts";
import { RULE_PACKS } from "../../infra/aws/backtrack-app.ts";
import { BacktrackStack } from "../../infra/aws/backtrack-stack.ts";
import { readSettings } from "../../infra/aws/settings.ts";
import { appWith, FEATURE_FLAGS, HIPAA, PRODUCTION, stubCode } from "./synthesize.ts";

const DEPLOYMENTS: [string, Record<string, string>][] = [
  ["dev", {}],
  ["production, open", { ...PRODUCTION, apiAccess: "open", ingest: "function-url" }],
  ["hipaa", HIPAA],
];

const findingsIn = (app: App): string[] =>
  RULE_PACKS.flatMap((Pack) => new Pack().validateScope(app).violations).flatMap(
    ({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
  );

test.each(DEPLOYMENTS)("%s: the rule packs find nothing unacknowledged", (_, options) => {
  const { app } = appWith(options);
  // As in a real synthesis: what one stack passes to another has its parameter's name by then.
  app.synth();
  expect(findingsIn(app)).toEqual([]);
});

test("every acknowledgement is needed somewhere, and says why", () => {
  const found = DEPLOYMENTS.flatMap(([, options]) => {
    // Without addBacktrack, nothing is acknowledged.
    const app = new App({ context: { ...FEATURE_FLAGS, ...options } });
    new BacktrackStack(app, "backtrack", {
      rooms: ROOMS,
      settings: readSettings(app.node),
      codeOf: stubCode,
    });
    return findingsIn(app).map((finding) =>
      finding
        .replace(/<FailedRecords\w+\.Arn>/, "<Data/FailedRecords.Arn>")
        .replace(/<RecordingsBucket\w+\.Arn>/, "<Data/Recordings/Bucket.Arn>")
        .replace(/<ReplaysSchedulesGroup\w+>/, "<Schedules/ReplaysSchedules/Group>"),
    );
  });
  for (const { rules, reason } of ACKNOWLEDGEMENTS) {
    expect(reason.length).toBeGreaterThan(40);
    for (const rule of rules) {
      expect(
        found.some((finding) => finding.startsWith(`${rule} at `)),
        rule,
      ).toBe(true);
    }
  }
});
