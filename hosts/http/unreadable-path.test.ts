import { describe, expect, test } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import { unreadablePathOf } from "./unreadable-path.ts";

const unreadablePath = unreadablePathOf(
  MANIFEST.flatMap(({ routes = [] }) => routes.map(({ path }) => path)),
);

describe("finding 25: an address that can't be read names the field, the value and the rule", () => {
  const rule = "must be percent-encoded UTF-8: a percent sign itself is %25";

  test.each([
    ["/devices/%zz", "deviceId", "%zz"],
    ["/devices/%zz/track?limit=5", "deviceId", "%zz"],
    ["/devices/a%/positions", "deviceId", "a%"],
    ["/recordings/%ff", "recordingId", "%ff"],
    ["/replay-schedules/%C3", "name", "%C3"],
    ["/nowhere/%zz", "path", "%zz"],
    ["/%", "path", "%"],
  ])("%s", (url, field, value) => {
    expect(unreadablePath(url)?.problems).toEqual([{ field, value, rule }]);
    expect(unreadablePath(url)?.message).toBe(`${field} ${rule} (got "${value}")`);
  });

  test.each(["/devices/a%20b", "/devices/a?cursor=%zz", "/"])("%s can be read", (url) => {
    expect(unreadablePath(url)).toBeUndefined();
  });
});
