import { describe, expect, test } from "vitest";
import { MANIFEST } from "../../../functions/manifest.ts";
import { readEvent, sampleEventPaths, speaksOfSampleWorld, suitsAnyStack } from "./sample-events.ts";

const suiting = MANIFEST.map(({ name }) => name).filter(
  (name) => sampleEventPaths(name).length > 0 && suitsAnyStack(readEvent(name)),
);

describe("finding 25: invoke beside a running stack", () => {
  test("runs there what reads, and nothing that changes it or speaks of examples that it does not have", () => {
    expect(suiting).toEqual(
      expect.arrayContaining(["get-device", "get-health", "list-devices", "get-track"]),
    );
    for (const name of [
      "create-replay",
      "accept-positions",
      "track-devices",
      "delete-recording",
      "get-recording",
    ])
      expect(suiting).not.toContain(name);
  });

  test("the event that left a device behind speaks of examples", () => {
    expect(speaksOfSampleWorld(readEvent("create-replay"))).toBe(true);
    expect(speaksOfSampleWorld(readEvent("get-device"))).toBe(false);
  });
});
