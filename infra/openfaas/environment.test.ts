import { describe, expect, test, vi } from "vitest";
import { GROUPS } from "../../functions/groups.ts";
import type { FunctionDefinition } from "../../lib/runtime/definition.ts";
import { requiredVariables } from "../../lib/runtime/environment.ts";
import { DEFAULT_PARTS, groupEnvironment } from "./environment.ts";

describe.each(GROUPS)("the environment of $name", (group) => {
  const environment = groupEnvironment(group);

  test("has every variable that its functions need", () => {
    const needed = group.functions.flatMap((definition) => requiredVariables(definition));
    expect(needed.filter((name) => !environment[name])).toEqual([]);
  });

  test("depends on nothing of this machine", () => {
    expect(environment.REPLAYS_AT_ONCE ?? "100").toBe("100");
    vi.stubEnv("REPLAYS_AT_ONCE", "7");
    expect(groupEnvironment(group)).toEqual(environment);
    vi.unstubAllEnvs();
  });

  test("holds no secret", () => {
    expect(Object.keys(environment).filter((name) => /SECRET_|TOKEN|PASSWORD|ACCESS_KEY/.test(name))).toEqual(
      [],
    );
  });
});

const http = GROUPS[0];

test("tables are prefixed, and everything that is not the functions' own is found by its address", () => {
  expect(groupEnvironment(http)).toMatchObject({
    ACCESS: "keys",
    DEVICES_TABLE: "backtrack-devices",
    POSITIONS_STREAM: "nats://backtrack-nats:4222/positions",
    REPLAY_WORKFLOW_ARN: "arn:aws:states:us-east-1:000000000000:stateMachine:replay",
    AWS_ENDPOINT_URL_SFN: "http://backtrack-engine:8090",
  });
  const files = GROUPS.find(({ shortName }) => shortName === "files") ?? http;
  expect(groupEnvironment(files).RECORDINGS_BUCKET).toBe("http://backtrack-engine:8090/files");
});

test("a self-hoster may choose the prefix, the limits and how it is accessed", () => {
  const parts = {
    ...DEFAULT_PARTS,
    tablePrefix: "",
    access: "open",
    settings: { REPLAYS_AT_ONCE: "9" },
  } as const;
  expect(groupEnvironment(http, parts)).toMatchObject({
    ACCESS: "open",
    DEVICES_TABLE: "devices",
    REPLAYS_AT_ONCE: "9",
  });
});

test("two functions that need different values can't share a process", () => {
  const of = (name: string, value: string): FunctionDefinition => ({
    name,
    description: "",
    memoryMegabytes: 128,
    timeoutSeconds: 1,
    environment: { SPEED: value },
  });
  expect(() =>
    groupEnvironment({ name: "g", functions: [of("a", "1"), of("b", "1"), of("c", "2")] }),
  ).toThrow(new RangeError("group g: c needs SPEED=2, and another function SPEED=1"));
});
