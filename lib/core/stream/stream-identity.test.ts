import { describe, expect, test } from "vitest";
import { UnavailableError } from "../errors.ts";
import { rememberedIdentity } from "./stream-identity.ts";

const MINUTE_MS = 60_000;

const setUp = () => {
  const world = { nowMs: 1_000, createdAtMs: 500, isAway: false, questions: 0 };
  const identity = rememberedIdentity(
    async () => {
      world.questions++;
      if (world.isAway) throw new UnavailableError("away");
      return world.createdAtMs;
    },
    () => world.nowMs,
  );
  return { world, identity };
};

describe("finding 11: what is remembered of a stream's creation", () => {
  test("is asked for once by many at a time, again after minutes, and at once when it is in doubt", async () => {
    const { world, identity } = setUp();
    await Promise.all([identity.createdAtMs("a"), identity.createdAtMs("a")]);
    expect(world.questions).toBe(1);
    world.nowMs += 4 * MINUTE_MS;
    expect(await identity.createdAtMs("a")).toBe(500);
    expect(world.questions).toBe(1);
    world.createdAtMs = 900;
    expect(await identity.createdAtMs("a", world.nowMs)).toBe(900);
    expect(await identity.createdAtMs("a", world.nowMs)).toBe(900);
    expect(world.questions).toBe(2);
    world.nowMs += 6 * MINUTE_MS;
    await identity.createdAtMs("a");
    expect(world.questions).toBe(3);
  });

  test("serves while the service is away, but not for a record that is in doubt", async () => {
    const { world, identity } = setUp();
    await identity.createdAtMs("a");
    world.isAway = true;
    world.nowMs += 60 * MINUTE_MS;
    expect(await identity.createdAtMs("a")).toBe(500);
    await expect(identity.createdAtMs("a", world.nowMs)).rejects.toThrow("away");
    expect(await identity.createdAtMs("a")).toBe(500);
    await expect(identity.createdAtMs("b")).rejects.toThrow("away");
  });
});
