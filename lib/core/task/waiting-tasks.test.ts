import { describe, expect, test } from "vitest";
import { memoryClaims } from "../../adapters/memory/claims.ts";
import { admitTask } from "./waiting-tasks.ts";

const NOW_MS = 1_795_176_000_000;
const limits = { inAll: 4, perKey: 2 };

describe("finding 5: tasks that wait at once", () => {
  test("are limited for each key and in all, and make room when their window has passed", async () => {
    const claims = memoryClaims();
    let tasks = 0;
    const admit = (keyId: string | undefined, nowMs = NOW_MS, seconds = 10) =>
      admitTask(claims, { taskId: `t${++tasks}`, keyId, untilMs: nowMs + seconds * 1000 }, limits, nowMs);
    await admit("a");
    await admit("a", NOW_MS, 60);
    await expect(admit("a")).rejects.toThrow("at most 2 tasks of one key wait at once, and there are 2");
    await admit(undefined);
    await admit("b");
    await expect(admit("c")).rejects.toMatchObject({ code: "limit-reached" });
    await expect(admit(undefined)).rejects.toThrow("at most 4 tasks wait at once, and there are 4");
    const laterMs = NOW_MS + 10_001;
    await admit("a", laterMs);
    await expect(admit("a", laterMs)).rejects.toMatchObject({ code: "limit-reached" });
    await admit("c", laterMs);
  });

  test("are never too many, however many are asked for at once", async () => {
    const claims = memoryClaims();
    const asked = Array.from({ length: 30 }, (_, task) =>
      admitTask(claims, { taskId: `t${task}`, keyId: "a", untilMs: NOW_MS + 1_000 }, limits, NOW_MS),
    );
    const admitted = (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled");
    expect(admitted.length).toBeLessThanOrEqual(2);
  });
});
