import { describe, expect, test } from "vitest";
import { replayOf } from "../../../test/replay-simulation.ts";
import { world } from "../../../test/replay-world.ts";
import { memoryClaims } from "../../adapters/memory/claims.ts";
import { memoryReplayStore } from "../../adapters/memory/replay-store.ts";
import { memoryTrackStore } from "../../adapters/memory/track-store.ts";
import { activeReplays, admitReplay } from "./active-replays.ts";
import { controlReplay } from "./control-replay.ts";
import { createReplay, type ReplayRequest, type SourceRequest } from "./create-replay.ts";
import { deleteRecording } from "./delete-recording.ts";

const drive = (deviceId: string, more: Partial<SourceRequest> = {}): ReplayRequest => ({
  sources: [{ recordingId: "drive", deviceId, ...more }],
});

const LATER_MS = 61_000;

describe("finding 5: replays at once", () => {
  test("are limited in all, and the answer says which limit and how many there are", async () => {
    const { ports } = await world();
    const limited = { ...ports, limits: { inAll: 2, perKey: 10 } };
    await createReplay(limited, drive("a"));
    await createReplay(limited, drive("b"));
    await expect(createReplay(limited, drive("c"))).rejects.toMatchObject({
      code: "limit-reached",
      message: expect.stringMatching(/^at most 2 replays play or are paused at once, and there are 2: /),
    });
    expect(await activeReplays(limited)).toHaveLength(2);
  });

  test("are limited for each key, where keys are asked for", async () => {
    const { ports } = await world();
    const limited = { ...ports, limits: { inAll: 10, perKey: 1 } };
    await createReplay(limited, drive("a"), "key-1");
    await expect(createReplay(limited, drive("b"), "key-1")).rejects.toMatchObject({ code: "limit-reached" });
    await createReplay(limited, drive("b"), "key-2");
    await createReplay(limited, drive("c"));
    await createReplay(limited, drive("d"));
  });

  test("make room when one has ended, and one that begins again needs room too", async () => {
    const { ports, replays } = await world();
    const limited = { ...ports, limits: { inAll: 1, perKey: 1 } };
    const first = await createReplay(limited, drive("a"));
    const ended = await replays.save({ ...first, status: "finished" });
    const second = await createReplay(limited, drive("b"));
    await expect(controlReplay(limited, ended.replayId, { seekSeconds: 0 })).rejects.toMatchObject({
      code: "limit-reached",
    });
    expect(await replays.get(ended.replayId)).toEqual(ended);
    await replays.save({ ...second, status: "failed" });
    expect((await controlReplay(limited, ended.replayId, { seekSeconds: 0 })).status).toBe("playing");
  });

  test("are never too many, however many are asked for at once", async () => {
    const { ports } = await world();
    const limited = { ...ports, limits: { inAll: 5, perKey: 5 } };
    const asked = Array.from({ length: 40 }, (_, index) => createReplay(limited, drive(`d-${index}`)));
    const made = (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled");
    expect(made.length).toBeLessThanOrEqual(5);
    expect(await activeReplays(limited)).toHaveLength(made.length);
  });

  test("do not count one whose making broke off, after a minute", async () => {
    const { ports } = await world();
    const broken = {
      ...ports,
      replays: { ...ports.replays, save: () => Promise.reject(new Error("cut")) },
      limits: { inAll: 1, perKey: 1 },
    };
    await expect(createReplay(broken, drive("a"))).rejects.toThrow("cut");
    const limited = { ...ports, limits: broken.limits };
    await expect(createReplay(limited, drive("b"))).rejects.toMatchObject({ code: "limit-reached" });
    const later = { ...limited, now: () => ports.now() + LATER_MS };
    await createReplay(later, drive("b"));
  });
});

describe("finding 17: two sources onto one device", () => {
  const two: ReplayRequest = {
    sources: [
      { recordingId: "drive", deviceId: "x", copies: 2 },
      { recordingId: "walk", deviceId: "x-2" },
    ],
  };

  test("in one replay are refused, unless asked for", async () => {
    const { ports, replays } = await world();
    await expect(createReplay(ports, two)).rejects.toMatchObject({
      name: "ConflictError",
      problems: [{ field: "deviceId", value: "x-2" }],
    });
    expect(await replays.list({ limit: 10 })).toEqual({ items: [] });
    await createReplay(ports, { ...two, allowSharedDevices: true });
  });

  test("of two replays are refused, unless asked for, while the first plays or is paused", async () => {
    const { ports, replays } = await world();
    const first = await createReplay(ports, drive("bus", { copies: 3 }));
    const second = drive("bus-3");
    await expect(createReplay(ports, second)).rejects.toMatchObject({
      name: "ConflictError",
      message: expect.stringContaining(`device bus-3 is played by replay ${first.replayId}`),
    });
    const paused = await replays.save({ ...first, status: "paused" });
    await expect(createReplay(ports, second)).rejects.toMatchObject({ name: "ConflictError" });
    await createReplay(ports, { ...second, allowSharedDevices: true });
    await createReplay(ports, drive("bus"));
    await replays.save({ ...paused, status: "finished" });
    await expect(createReplay(ports, second)).rejects.toMatchObject({ name: "ConflictError" });
    await createReplay(ports, drive("bus-2"));
  });

  test("never begin both, when both are asked for at once", async () => {
    const { ports } = await world();
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => createReplay(ports, drive("bus"))));
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(1);
  });
});

test("finding 15: deleting a recording looks at the replays that are active, and lists none", async () => {
  const { ports, replays, recordings } = await world();
  const replay = await createReplay(ports, drive("a"));
  const list = () => Promise.reject(new Error("listed"));
  const deleting = { ...ports, recordings, replays: { ...replays, list }, tracks: memoryTrackStore() };
  await expect(deleteRecording(deleting, "drive")).rejects.toMatchObject({ name: "ConflictError" });
  await replays.save({ ...replay, status: "finished" });
  await deleteRecording(deleting, "drive");
});

test("a tenant's own limit holds where it is less", async () => {
  const ports = { replays: memoryReplayStore(), claims: memoryClaims(), now: () => 0 };
  let own: number | undefined = 1;
  const limits = { inAll: 2, perKey: 10, ofTenant: async () => own };
  const start = (replayId: string) =>
    admitReplay(ports, { ...replayOf([0, 10_000]), replayId, allowSharedDevices: true }, limits);
  await start("one");
  await expect(start("two")).rejects.toThrow("at most 1 replays play or are paused at once, and there are 1");
  own = 5;
  await start("two");
  await expect(start("three")).rejects.toThrow("at most 2 replays");
  own = undefined;
  await expect(start("three")).rejects.toThrow("at most 2 replays");
});
