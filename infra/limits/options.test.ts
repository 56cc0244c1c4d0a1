import { expect, test } from "vitest";
import { parseLimitsOptions } from "./options.ts";

const LOCAL = { stage: undefined, region: undefined, profile: undefined };

test("takes whose limits they are, and what changes", () => {
  expect(parseLimitsOptions(["--tenant", "acme"])).toEqual({ target: LOCAL, owner: "acme", changes: {} });
  expect(
    parseLimitsOptions([
      ...["--stage", "prod", "--region", "eu-west-1", "--tenant", "acme", "--devices", "100"],
      ...["--requests-per-minute", "0", "--stored-positions", "none", "--replays-at-once", "7"],
    ]),
  ).toEqual({
    target: { stage: "prod", region: "eu-west-1", profile: undefined },
    owner: "acme",
    changes: { devices: 100, requestsPerMinute: 0, storedPositions: null, replaysAtOnce: 7 },
  });
  expect(parseLimitsOptions(["--tenant", "acme", "--devices", "unlimited"])).toMatchObject({
    changes: { devices: "unlimited" },
  });
  expect(parseLimitsOptions(["--every-tenant", "--devices", "5"])).toMatchObject({ owner: "*" });
});

test.each([
  [[], "say whose limits: --tenant or --every-tenant"],
  [["--devices", "5"], "say whose limits"],
  [["--tenant", "acme", "--every-tenant"], "say whose limits"],
  [["--tenant", "Acme"], "1 to 24 characters"],
  [["--tenant", "*"], "1 to 24 characters"],
  [
    ["--tenant", "acme", "--devices", "many"],
    "must be a whole number from 0 to 1000000000000, unlimited, or none",
  ],
  [
    ["--tenant", "acme", "--devices", "-1"],
    "must be a whole number from 0 to 1000000000000, unlimited, or none",
  ],
  [
    ["--tenant", "acme", "--devices", "1e3"],
    "must be a whole number from 0 to 1000000000000, unlimited, or none",
  ],
  [["--tenant", "acme", "--device", "1"], "unknown option '--device'"],
  [["--tenant", "acme", "--region", "eu-west-1"], "name it with --stage"],
])("%j is wrong use", (argv, message) => {
  expect(() => parseLimitsOptions(argv)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(message) }),
  );
});
