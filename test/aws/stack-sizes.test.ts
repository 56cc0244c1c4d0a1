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
  test("no stack is larger than half of what CloudFormation takes; this is what is left", () => {
    expect(sizes.filter(isTooLarge), `\n${sizeTable(sizes)}\n`).toEqual([]);
  });

  test("every resource is counted, in one stack", () => {
    const nestedStacks = sizes.length - 1;
    const counted = sizes.reduce((sum, { resources }) => sum + resources, 0);
    expect(counted - nestedStacks).toBe(Object.keys(template.Resources).length);
  });
});

/** So many resources and so on, of which the first is a nested stack if there is a file for it. */
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
  "one more of %s than %i, in a nested stack, would be told, with what is left of the others",
  (what, limit) => {
    const sizesWith = (count: number) =>
      stackSizes(templateWith({ resources: 1 }, "nested.json"), () => templateWith({ [what]: count }));
    expect(sizesWith(limit).filter(isTooLarge)).toEqual([]);
    const sizes = sizesWith(limit + 1);
    expect(sizes.filter(isTooLarge).map(({ stack }) => stack)).toEqual(["Id0"]);
    expect(sizeTable(sizes)).toMatch(new RegExp(`^Id0 .*\\b${limit + 1} +-1\\b`, "m"));
  },
);
