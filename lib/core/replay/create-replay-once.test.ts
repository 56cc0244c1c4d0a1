import { describe, expect, test } from "vitest";
import { deadWorkflows, NOW_MS, world } from "../../../test/replay-world.ts";
import type { ReplayRequest } from "./create-replay.ts";
import { createReplayOnce, IDEMPOTENCY_KEPT_SECONDS } from "./create-replay-once.ts";

const request: ReplayRequest = { sources: [{ recordingId: "drive", deviceId: "bus" }], rate: 10 };
const once = { idempotencyKey: "8e03978e", keyId: "key-1" };

describe("finding 17: POST /replays with an Idempotency-Key", () => {
  test("makes one replay, however often it comes, and tells of the same one", async () => {
    const { ports, workflows } = await world();
    const first = await createReplayOnce(ports, request, once);
    const again = await createReplayOnce(ports, { rate: 10, sources: [...request.sources] }, once);
    expect(again.replayId).toBe(first.replayId);
    expect(workflows.started).toHaveLength(1);
    expect((await ports.replays.list({ limit: 10 })).items).toHaveLength(1);
  });

  test("makes one replay when many come at once", async () => {
    const { ports } = await world();
    const made = await Promise.all([1, 2, 3, 4].map(() => createReplayOnce(ports, request, once)));
    expect(new Set(made.map(({ replayId }) => replayId)).size).toBe(1);
  });

  test("refuses another request with the same key", async () => {
    const { ports } = await world();
    await createReplayOnce(ports, request, once);
    await expect(createReplayOnce(ports, { ...request, rate: 11 }, once)).rejects.toMatchObject({
      code: "key-reused",
    });
  });

  test("keeps the keys of different callers apart, and forgets them after a day", async () => {
    const { ports } = await world();
    const shared = { ...request, allowSharedDevices: true };
    const first = await createReplayOnce(ports, shared, once);
    const other = await createReplayOnce(ports, shared, { ...once, keyId: "key-2" });
    const later = { ...ports, now: () => NOW_MS + IDEMPOTENCY_KEPT_SECONDS * 1000 + 1_000 };
    const third = await createReplayOnce(later, shared, once);
    expect(new Set([first, other, third].map(({ replayId }) => replayId)).size).toBe(3);
  });

  test("tries a request again that was refused, and makes the replay that a crash kept from being made", async () => {
    const { ports } = await world();
    const full = { ...ports, limits: { inAll: 0, perKey: 0 } };
    await expect(createReplayOnce(full, request, once)).rejects.toMatchObject({ code: "limit-reached" });
    const cut = { ...ports, replays: { ...ports.replays, save: () => Promise.reject(new Error("cut")) } };
    await expect(createReplayOnce(cut, request, once)).rejects.toThrow("cut");
    const made = await createReplayOnce(ports, request, once);
    expect((await createReplayOnce(ports, request, once)).replayId).toBe(made.replayId);
  });

  test("does not bring a deleted replay back, and tells of one that failed to start", async () => {
    const { ports } = await world();
    await expect(createReplayOnce({ ...ports, workflows: deadWorkflows }, request, once)).rejects.toThrow();
    const failed = await createReplayOnce(ports, request, once);
    expect(failed.status).toBe("failed");
    const other = { ...once, idempotencyKey: "other" };
    const made = await createReplayOnce(ports, request, other);
    await ports.replays.remove(made.replayId);
    await expect(createReplayOnce(ports, request, other)).rejects.toMatchObject({ code: "gone" });
  });
});
