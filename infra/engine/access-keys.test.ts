import { expect, test } from "vitest";
import { acceptedAccessKeys } from "./access-keys.ts";

test("a key that was replaced is accepted for five minutes after it was last seen, and no longer", async () => {
  const old = { accessKeyId: "OLD", secretAccessKey: "one" };
  const renewed = { accessKeyId: "OLD", secretAccessKey: "two" };
  let current = old;
  let nowMs = 0;
  const keys = acceptedAccessKeys({ read: async () => current, monotonicMs: () => nowMs });
  expect(await keys()).toEqual([old]);
  nowMs = 1_000_000;
  expect(await keys()).toEqual([old]);
  current = renewed;
  nowMs += 300_000;
  expect(await keys()).toEqual([renewed, old]);
  nowMs += 1;
  expect(await keys()).toEqual([renewed]);
});
