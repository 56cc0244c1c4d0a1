import { describe, expect, it } from "vitest";
import { sleep } from "./sleep.ts";

describe("sleep", () => {
  it("lets at least the asked time pass", async () => {
    const before = performance.now();
    await sleep(20);
    // Timers of Node count whole milliseconds.
    expect(performance.now() - before).toBeGreaterThan(18.9);
  });

  it("ends early with the reason of the signal, and does not begin when that was given before", async () => {
    const reason = new Error("the stack is stopping");
    const controller = new AbortController();
    const sleeping = sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
