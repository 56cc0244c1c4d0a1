import { expect, test } from "vitest";
import { runningSha256 } from "../adapters/sha256.ts";
import { sha256 } from "./sha256.ts";

test("the digest of FIPS 180-4's example, at once and piece by piece", async () => {
  const expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await sha256("abc")).toBe(expected);
  const running = runningSha256();
  for (const letter of "abc") running.update(new TextEncoder().encode(letter));
  expect(running.digest()).toBe(expected);
});
