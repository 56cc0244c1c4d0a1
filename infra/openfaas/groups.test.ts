import { expect, test } from "vitest";
import { GROUPS, groupOf, groupsOf } from "../../functions/groups.ts";
import { MANIFEST, SELF_HOSTED } from "../../functions/manifest.ts";
import { DEPLOYED_GROUPS } from "./groups.ts";

/** Community Edition's limit. */
const MAXIMUM_FUNCTIONS = 15;

test("every function of the manifest is in exactly one group", () => {
  const grouped = GROUPS.flatMap(({ functions }) => functions.map(({ name }) => name));
  const all = [...MANIFEST, ...SELF_HOSTED];
  expect(grouped.toSorted()).toEqual(all.map(({ name }) => name).toSorted());
  for (const { name } of all) expect(groupOf(name).functions.map((each) => each.name)).toContain(name);
  expect(() => groupOf("no-such")).toThrow(new RangeError("no group has a function no-such"));
});

test("a function that nothing starts belongs to no group", () => {
  const { routes: _, ...unstarted } = MANIFEST.find(({ name }) => name === "get-health") ?? MANIFEST[0];
  expect(() => groupsOf([unstarted])).toThrow(new RangeError("function get-health belongs to no group"));
});

test("there are no more groups than Community Edition allows, and their names are DNS labels", () => {
  expect(DEPLOYED_GROUPS.length).toBeLessThanOrEqual(MAXIMUM_FUNCTIONS);
  const names = DEPLOYED_GROUPS.flatMap(({ name, shortName }) => [name, `backtrack-${shortName}`]);
  for (const name of names) expect(name).toMatch(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
});

test("who is in which group", () => {
  const members = (shortName: string): string[] | undefined =>
    GROUPS.find((group) => group.shortName === shortName)?.functions.map(({ name }) => name);
  expect(members("stream")).toEqual(["track-devices"]);
  expect(members("play")).toEqual(["play-replay"]);
  expect(members("files")?.toSorted()).toEqual([
    "check-recording-file",
    "report-import",
    "start-import",
    "store-recording-file",
  ]);
  expect(members("tasks")?.toSorted()).toEqual([
    "compute-average-speed",
    "continue-replay",
    "erase-device",
    "fail-replay",
    "fail-task",
    "start-scheduled-replay",
  ]);
  expect(members("sweep")).toEqual(["sweep-expired-items"]);
  expect(DEPLOYED_GROUPS.filter(({ isPublic }) => isPublic).map(({ name }) => name)).toEqual(["backtrack"]);
});
