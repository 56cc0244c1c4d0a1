import * as Type from "typebox";
import { expect, test } from "vitest";
import { ROOMS } from "../../functions/manifest.ts";
import { defineRoom } from "../../functions/room.ts";
import { defineFunction } from "../../lib/runtime/definition.ts";
import { metricsOf } from "./evaluate-alarm.ts";
import { resolverOf } from "./resolve.ts";
import { PRODUCTION, referenceOf, statementsOfRole, synthesize, synthesizeRooms } from "./synthesize.ts";

/* A new room is a folder and a line in functions/manifest.ts: what a deployment needs of it follows. */

const BASE = { description: "For a test", memoryMegabytes: 128, timeoutSeconds: 5 } as const;
const garden = defineRoom({
  name: "garden",
  description: "Nobody has heard of it",
  functions: [
    defineFunction({
      ...BASE,
      name: "water-plants",
      tables: { tracks: "read" },
      reportsDamage: "segments",
      routes: [
        {
          method: "GET",
          path: "/plants/{plantId}",
          summary: "A plant",
          tag: "garden",
          access: "read",
          parameters: Type.Object({ plantId: Type.String() }),
          responses: {},
        },
      ],
    }),
    defineFunction({ ...BASE, name: "plant-seeds", publishesTo: ["positions"], canary: true }),
  ],
});

const before = synthesize(PRODUCTION);
const after = synthesizeRooms(PRODUCTION, [...ROOMS, garden]);
const resolve = resolverOf(after);
const room = after.templateOf("GardenStack");
const inRoom = (type: string) => Object.entries(room.Resources).filter(([, { Type }]) => Type === type);
const sizeOf = ({ sizes }: typeof after, stack: string) => sizes.find((size) => size.stack === stack);

test("its functions, their alarms and canaries are in a nested stack of its own", () => {
  expect(inRoom("AWS::Lambda::Function").map(([, { Properties }]) => Properties.FunctionName)).toEqual([
    "backtrack-prod-water-plants",
    "backtrack-prod-plant-seeds",
  ]);
  expect(inRoom("AWS::CloudWatch::Alarm").map(([, { Properties }]) => Properties.AlarmName)).toEqual([
    "backtrack-prod-water-plants-errors",
    "backtrack-prod-plant-seeds-errors",
  ]);
  expect(inRoom("AWS::CodeDeploy::DeploymentGroup")).toHaveLength(1);
});

test("no other stack grows but by what leads there: the root by the nested stack, the API by a route", () => {
  expect(sizeOf(after, "(root)")?.resources).toBe((sizeOf(before, "(root)")?.resources ?? 0) + 1);
  expect(sizeOf(after, "ApiStack")?.resources).toBe((sizeOf(before, "ApiStack")?.resources ?? 0) + 2);
  for (const { name } of ROOMS) {
    const stack = `${name.charAt(0).toUpperCase()}${name.slice(1)}Stack`;
    expect(after.templateOf(stack).Resources, name).toEqual(before.templateOf(stack).Resources);
  }
});

test("the API leads to it, by the one role, which may call it", () => {
  const [, integration] =
    after
      .resourcesOf("AWS::ApiGatewayV2::Integration")
      .find(([, { Properties }]) => String(resolve(Properties.IntegrationUri)).endsWith("-water-plants")) ??
    [];
  const { CredentialsArn, IntegrationUri } = integration?.Properties ?? {};
  const [{ Resource }] = resolve(statementsOfRole(after, referenceOf(CredentialsArn))) as [
    { Resource: string[] },
  ];
  expect(Resource).toContain(resolve(IntegrationUri));
});

test("what all rooms count together counts it: damage, and the stations of the dashboard", () => {
  const damage = after
    .resourcesOf("AWS::CloudWatch::Alarm")
    .map(([, { Properties }]) => resolve(Properties) as { AlarmName: string })
    .filter(({ AlarmName }) => AlarmName.startsWith("backtrack-prod-damaged-data"));
  expect(damage.flatMap(metricsOf).map(({ dimensions }) => dimensions.function)).toContain("water-plants");
  const [[, { Properties } = { Properties: {} }] = []] = after.resourcesOf("AWS::CloudWatch::Dashboard");
  for (const name of ["water-plants", "plant-seeds"]) {
    expect(JSON.stringify(Properties.DashboardBody)).toContain(`${name}: errors`);
  }
});
