import { describe, expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import {
  type AlarmProperties,
  type Figures,
  metricsOf,
  parseExpression,
  type Series,
  statesOf,
} from "./evaluate-alarm.ts";
import { resolverOf } from "./resolve.ts";
import { HIPAA, PRODUCTION, referenceOf, type Synthesized, synthesize } from "./synthesize.ts";

const DEPLOYMENTS: [string, Synthesized][] = [
  ["dev", synthesize()],
  ["production", synthesize(PRODUCTION)],
  ["production, hipaa", synthesize(HIPAA)],
];
const CONSUMERS = MANIFEST.filter(({ stream }) => stream).map(({ name }) => name);
const MINUTES = 120;

const alarmsOf = (deployment: Synthesized): Map<string, AlarmProperties> => {
  const resolve = resolverOf(deployment);
  return new Map(
    deployment.resourcesOf("AWS::CloudWatch::Alarm").map(([, { Properties }]) => {
      const alarm = resolve(Properties) as AlarmProperties;
      return [alarm.AlarmName.replace(`${deployment.stack.stackName}-`, ""), alarm];
    }),
  );
};

/** `Errors` of any function, or `Invocations backtrack-dev-track-devices` of one. */
type Scenario = Readonly<Record<string, Series>>;

const figuresOf =
  (scenario: Scenario): Figures =>
  ({ name, dimensions }) =>
    Object.entries(dimensions)
      .map(([, value]) => scenario[`${name} ${value}`])
      .find((series) => series !== undefined) ?? scenario[name];

const always = (value: number | undefined): Series => Array<number | undefined>(MINUTES).fill(value);
const from = (minute: number, value: number | undefined, before: number | undefined): Series =>
  Array.from({ length: MINUTES }, (_, index) => (index >= minute ? value : before));
const at = (minutes: readonly number[], value: number): Series =>
  Array.from({ length: MINUTES }, (_, index) => (minutes.includes(index) ? value : undefined));

/** Records arrive and are read, all day long. Metrics of what did not happen have no data. */
const BUSY: Scenario = {
  IncomingRecords: always(600),
  Invocations: always(60),
  Errors: always(0),
  Throttles: always(0),
  IteratorAge: always(900),
  "GetRecords.Success": always(60),
  LatePositions: at([3, 40, 90], 900),
  DuplicatePositions: at([7], 5_000),
  Count: always(600),
  "5xx": always(0),
};
/** Nothing arrives, but the consumer still polls the stream. */
const IDLE: Scenario = { "GetRecords.Success": always(60) };
/** One device that sends every few minutes. */
const TRICKLE: Scenario = {
  IncomingRecords: at([4, 9, 13, 18, 24, 60], 1),
  // Some are delivered in the minute after they arrived.
  Invocations: at([4, 10, 13, 19, 24, 61], 1),
  IteratorAge: at([4, 10, 13, 19, 24, 61], 1_200),
  "GetRecords.Success": always(60),
};

describe.each(DEPLOYMENTS)("%s", (_, deployment) => {
  const alarms = alarmsOf(deployment);
  const ringing = (scenario: Scenario, minute = MINUTES): string[] =>
    [...alarms]
      .filter(([, alarm]) => statesOf(alarm, figuresOf(scenario), MINUTES).slice(0, minute).includes("ALARM"))
      .map(([name]) => name)
      .toSorted();
  /** The minute in which it first goes off. */
  const rang = (name: string, scenario: Scenario): number =>
    statesOf(alarms.get(name), figuresOf(scenario), MINUTES).indexOf("ALARM");

  test.each([
    ["a busy day", BUSY],
    ["an idle day", IDLE],
    ["a trickle", TRICKLE],
  ])("finding 20: no alarm goes off on %s", (_, scenario) => {
    expect(ringing(scenario)).toEqual([]);
  });

  test.each(CONSUMERS)("finding 20: when %s stops, an alarm goes off within minutes", (name) => {
    const stopped = {
      ...BUSY,
      Invocations: from(30, undefined, 60),
      IteratorAge: from(30, undefined, 900),
      Errors: from(30, undefined, 0),
      Throttles: from(30, undefined, 0),
    };
    expect(ringing(stopped)).toEqual([`${name}-stopped`]);
    expect(rang(`${name}-stopped`, stopped)).toBeLessThanOrEqual(30 + 5);
    // Late figures for the newest minute neither prevent the alarm nor cause it.
    const late = {
      ...stopped,
      IncomingRecords: [...always(600).slice(0, 36), ...always(undefined).slice(36)],
    };
    expect(ringing(late)).toEqual([`${name}-stopped`]);
    expect(ringing({ ...BUSY, Invocations: [...always(60).slice(0, -1), undefined] })).toEqual([]);
  });

  test("finding 20: a missing mapping raises an alarm even when hardly anything arrives", () => {
    const gone = {
      IncomingRecords: at([4, 9, 40, 80], 1),
      Invocations: at([4, 9], 1),
      "GetRecords.Success": from(20, undefined, 60),
    };
    expect(ringing(gone)).toEqual(["positions-unread"]);
    expect(rang("positions-unread", gone)).toBeLessThanOrEqual(20 + 5);
  });

  test("finding 20: a deployment starts without alarms, and an alarm ends when its cause does", () => {
    const states = statesOf(
      alarms.get("positions-unread"),
      figuresOf({ "GetRecords.Success": [...Array<undefined>(3).fill(undefined), ...always(60)] }),
      30,
    );
    expect(states.at(-1)).toBe("OK");
    const [name = ""] = CONSUMERS;
    const repaired = statesOf(
      alarms.get(`${name}-stopped`),
      figuresOf({
        ...BUSY,
        Invocations: [...always(60).slice(0, 20), ...always(0).slice(0, 30), ...always(60)],
      }),
      80,
    );
    expect([repaired[10], repaired[40], repaired[70]]).toEqual(["OK", "ALARM", "OK"]);
  });

  test.each([
    ["DestinationDeliveryFailures", "lost-events"],
    ["InvocationsFailedToBeSentToDlq", "lost-events"],
    ["InvocationsFailedToBeSentToDeadLetterCount", "lost-events"],
    ["InvocationDroppedCount", "lost-events"],
    ["ApproximateNumberOfMessagesVisible", "undelivered-events"],
    ["DroppedEventCount", "track-devices-lost-records"],
    ["OnFailureDestinationDeliveredEventCount", "track-devices-failed-records"],
    ["QuarantinedRecords", "quarantined-records"],
  ])("finding 20: a single %s raises an alarm", (metric, name) => {
    expect(ringing({ ...BUSY, [metric]: at([50], 1) })).toEqual([name]);
  });

  test.each([
    ["SegmentsDamaged", "segments"],
    ["StatesDamaged", "states"],
  ])("finding 12: a single %s, from any function, raises an alarm", (metric, what) => {
    expect(ringing({ ...BUSY, [metric]: at([50], 1) })).toEqual(["damaged-data"]);
    const watched = metricsOf(alarms.get("damaged-data")).filter(({ name }) => name === metric);
    const reporting = MANIFEST.filter(({ reportsDamage }) => reportsDamage === what).map(({ name }) => name);
    expect(reporting.length).toBeGreaterThan(0);
    expect(watched.map(({ dimensions }) => dimensions.function).toSorted()).toEqual(reporting.toSorted());
  });

  test.each([
    ["WriteProvisionedThroughputExceeded", "positions-throttled-writes"],
    ["WriteThrottleEvents", "throttled-tables"],
  ])("finding 20: an occasional %s is normal, and raises an alarm when it continues", (metric, name) => {
    expect(ringing({ ...BUSY, [metric]: at([20, 50, 90], 5) })).toEqual([]);
    // One alarm holds ten metrics, so that many tables need several.
    const rang = ringing({ ...BUSY, [metric]: from(50, 5, undefined) });
    expect([...new Set(rang.map((each) => each.replace(/-\d+$/, "")))]).toEqual([name]);
  });

  test.each(CONSUMERS)("finding 20: Lambda refuses %s for minutes on end", (name) => {
    const refused = {
      ...BUSY,
      [`Throttles backtrack-${deployment.stack.stackName.slice(10)}-${name}`]: from(50, 9, 0),
    };
    expect(ringing(refused)).toEqual([`${name}-throttles`]);
  });

  describe.each(CONSUMERS)("finding 13: the oldest unread record of %s", (name) => {
    const [, stream] = deployment.resourcesOf("AWS::Kinesis::Stream")[0] ?? [];
    const retentionMs = stream?.Properties.RetentionPeriodHours * 3_600_000;
    const growing = (startMs: number): Scenario => ({
      ...BUSY,
      IteratorAge: Array.from({ length: MINUTES }, (_, minute) => startMs + minute * 60_000),
    });

    test("raises an alarm after minutes, and another long before the stream drops it", () => {
      expect(rang(`${name}-iterator-age`, growing(0))).toBeLessThanOrEqual(6);
      expect(rang(`${name}-waiting`, growing(0))).toBe(10);
      expect(rang(`${name}-near-loss`, growing(retentionMs / 4 - 30 * 60_000))).toBe(30);
      expect(rang(`${name}-near-loss`, growing(0))).toBe(-1);
      expect(alarms.get(`${name}-near-loss`)?.Threshold).toBeLessThanOrEqual(retentionMs / 4);
    });

    test("keeps its alarm when no invocation reports its age", () => {
      const silent = { ...BUSY, IteratorAge: at([10, 11], 11 * 60_000) };
      expect(statesOf(alarms.get(`${name}-waiting`), figuresOf(silent), MINUTES).at(-1)).toBe("ALARM");
      const caughtUp = { ...BUSY, IteratorAge: at([10, 11], 11 * 60_000).with(20, 500) };
      expect(statesOf(alarms.get(`${name}-waiting`), figuresOf(caughtUp), MINUTES).at(-1)).toBe("OK");
    });
  });

  test.each([
    ["LatePositions", "late-positions"],
    ["DuplicatePositions", "duplicate-positions"],
  ])(
    "finding 14: %s raise an alarm when for an hour there are more of them than records, but not for a backlog",
    (metric, name) => {
      expect(ringing({ ...BUSY, [metric]: from(10, 700, undefined) })).toEqual([name]);
      const backlog = at(
        Array.from({ length: 20 }, (_, minute) => 30 + minute),
        90_000,
      );
      expect(ringing({ ...BUSY, [metric]: backlog })).toEqual([]);
      // One late position in a hundred.
      expect(ringing({ ...BUSY, IncomingRecords: always(60_000), [metric]: always(600) })).toEqual([]);
    },
  );

  test.each([
    ["ConflictingPositions", "conflicting-positions"],
    ["RefusedPositions", "refused-positions"],
  ])("finding 14: %s from one faulty device raise an alarm, a few do not", (metric, name) => {
    expect(ringing({ ...BUSY, [metric]: from(10, 60, undefined) })).toEqual([name]);
    expect(ringing({ ...BUSY, [metric]: at([10, 50], 9) })).toEqual([]);
  });

  test("finding 19: a canary's alarm has periods of a minute", () => {
    for (const [name, alarm] of alarms) {
      if (!name.endsWith("-errors")) continue;
      const periods = alarm.Metrics?.flatMap(
        ({ MetricStat }: AlarmProperties) => MetricStat?.Period ?? [],
      ) ?? [alarm.Period];
      expect(new Set(periods), name).toEqual(new Set([60]));
    }
  });

  test("no alarm watches more metrics than CloudWatch allows, and each says what happened", () => {
    for (const [name, alarm] of alarms) {
      expect(metricsOf(alarm).length, name).toBeLessThanOrEqual(10);
      expect(alarm.AlarmDescription.length, name).toBeGreaterThan(20);
    }
  });
});

test("finding 20: a state window looks neither like a lag nor like a stopped consumer", () => {
  const alarms = alarmsOf(synthesize({ stateWindowSeconds: "300" }));
  const gathering = {
    ...BUSY,
    Invocations: Array.from({ length: MINUTES }, (_, minute) => (minute % 5 === 0 ? 4 : undefined)),
    IteratorAge: always(330_000),
  };
  const ringing = (scenario: Scenario) =>
    [...alarms].filter(([, alarm]) => statesOf(alarm, figuresOf(scenario), MINUTES).includes("ALARM"));
  expect(ringing(gathering)).toEqual([]);
  const stopped = { ...gathering, Invocations: always(undefined), IteratorAge: always(undefined) };
  expect(ringing(stopped).map(([name]) => name)).toEqual(CONSUMERS.map((name) => `${name}-stopped`));
});

describe("finding 19: production", () => {
  const deployment = synthesize(PRODUCTION);
  const alarms = alarmsOf(deployment);
  const versionOf = (name: string): string | undefined => {
    const [lambdaId] =
      deployment
        .resourcesOf("AWS::Lambda::Function")
        .find(([, { Properties }]) => Properties.FunctionName === `backtrack-prod-${name}`) ?? [];
    const [versionId] =
      deployment
        .resourcesOf("AWS::Lambda::Version")
        .find(([, { Properties }]) => referenceOf(Properties.FunctionName) === lambdaId) ?? [];
    return `${versionId}.Version`;
  };
  const ringing = (name: string, scenario: Scenario): boolean =>
    statesOf(alarms.get(`${name}-errors`), figuresOf(scenario), MINUTES).includes("ALARM");

  test.each(MANIFEST.filter(({ canary }) => canary))(
    "a bad version of $name rolls its canary back",
    ({ name }) => {
      const group = deployment
        .resourcesOf("AWS::CodeDeploy::DeploymentGroup")
        .map(([, { Properties }]) => Properties)
        .find(({ AlarmConfiguration }) =>
          AlarmConfiguration.Alarms.some(
            ({ Name }: { Name: unknown }) =>
              deployment.template.Resources[referenceOf(Name) ?? ""]?.Properties.AlarmName ===
              `backtrack-prod-${name}-errors`,
          ),
        );
      expect(group?.AlarmConfiguration.Enabled).toBe(true);
      expect(group?.AutoRollbackConfiguration.Events).toContain("DEPLOYMENT_STOP_ON_ALARM");
    },
  );

  test.each(MANIFEST)(
    "failures of $name raise an alarm; for a canary, those of its new version",
    (definition) => {
      const { name, routes, stream, canary } = definition;
      expect(ringing(name, { Errors: at([10], 1) })).toBe(true);
      expect(ringing(name, { Errors: always(0), Invocations: always(5) })).toBe(false);
      const own = routes?.length ? "RequestsFailed" : stream ? "RecordsFailed" : undefined;
      if (own) expect(ringing(name, { Errors: always(0), [own]: at([10], 1) })).toBe(true);
      const failed = metricsOf(alarms.get(`${name}-errors`)).find(
        ({ namespace }) => namespace === "backtrack",
      );
      expect(failed).toEqual(
        own && {
          namespace: "backtrack",
          name: own,
          dimensions: {
            service: "backtrack-prod",
            function: name,
            // The version of this deployment: the previous version's failures do not roll it back.
            ...(canary && { version: versionOf(name) }),
          },
        },
      );
      const errors = metricsOf(alarms.get(`${name}-errors`)).find(
        ({ namespace }) => namespace === "AWS/Lambda",
      );
      expect(errors?.dimensions).toEqual({
        FunctionName: `backtrack-prod-${name}`,
        ...(canary && { Resource: `backtrack-prod-${name}:live` }),
      });
    },
  );

  test("every function's throttles are watched, by the account's figure", () => {
    const watched = [...alarms.values()].flatMap(metricsOf).filter(({ name }) => name === "Throttles");
    expect(watched.map(({ dimensions }) => dimensions)).toContainEqual({});
  });
});

test("alarm expressions are evaluated as CloudWatch does", () => {
  const value = (text: string, figures: Record<string, number | undefined> = {}) =>
    parseExpression(text)((id) => figures[id]);
  expect(value("FILL(a,0)+FILL(b,0)", { a: 2 })).toBe(2);
  expect(value("a+b", { a: 2 })).toBeUndefined();
  expect(value("IF(FILL(a,0)>1 AND FILL(b,0)==0,1,0)", { a: 2 })).toBe(1);
  expect(value("IF(FILL(a,0)>1 AND FILL(b,0)==0,1,0)", { a: 2, b: 1 })).toBe(0);
  expect(() => parseExpression("SEARCH(a,0)")).toThrow(/SEARCH/);
  expect(() => parseExpression("a/b")).toThrow(/no rule/);
});
