import { describe, expect, test } from "vitest";
import type { Template } from "../../infra/aws/merge-nested.ts";
import { isTooLarge, LIMITS, sizeTable, stackSizes } from "../../infra/aws/stack-sizes.ts";
import { HIPAA, PRODUCTION, type Synthesized, synthesize } from "./synthesize.ts";

const EVERYTHING = { ...PRODUCTION, gatewayLog: "on", ingest: "function-url", alarmEmail: "a@example.com" };

const DEPLOYMENTS: [string, Synthesized][] = [
  ["dev", synthesize()],
  ["production with all options", synthesize(EVERYTHING)],
  ["hipaa", synthesize(HIPAA)],
];

describe.each(DEPLOYMENTS)("finding 23: %s", (_, { sizes, template }) => {
  test("no stack uses more than half of CloudFormation's limits", () => {
    expect(sizes.filter(isTooLarge), `\n${sizeTable(sizes)}\n`).toEqual([]);
  });

  test("every resource is counted, in one stack", () => {
    const nestedStacks = sizes.length - 1;
    const counted = sizes.reduce((sum, { resources }) => sum + resources, 0);
    expect(counted - nestedStacks).toBe(Object.keys(template.Resources).length);
  });
});

/**
 * A template with this many resources and so on; the first resource is a nested stack if there is a file for
 * it.
 */
const templateWith = (counts: Partial<Record<keyof typeof LIMITS, number>>, file?: string): Template => {
  const many = <Each>(count = 0, each: (index: number) => Each): Record<string, Each> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`Id${index}`, each(index)]));
  return {
    Resources: many(counts.resources, (index) => ({
      Type: file && index === 0 ? "AWS::CloudFormation::Stack" : "AWS::SQS::Queue",
      Metadata: { "aws:asset:path": file ?? "" },
      Properties: {},
    })),
    Parameters: many(counts.parameters, () => ({})),
    Outputs: many(counts.outputs, () => ({ Description: "", Value: "" })),
  };
};

test.each([
  ["resources", LIMITS.resources],
  ["parameters", LIMITS.parameters],
  ["outputs", LIMITS.outputs],
])(
  "a nested stack with more %s than %i is reported, with the remaining room for the others",
  (what, limit) => {
    const sizesWith = (count: number) =>
      stackSizes(templateWith({ resources: 1 }, "nested.json"), () => templateWith({ [what]: count }));
    expect(sizesWith(limit).filter(isTooLarge)).toEqual([]);
    const sizes = sizesWith(limit + 1);
    expect(sizes.filter(isTooLarge).map(({ stack }) => stack)).toEqual(["Id0"]);
    expect(sizeTable(sizes)).toMatch(new RegExp(`^Id0 .*\\b${limit + 1} +-1\\b`, "m"));
  },
);
