import fc from "fast-check";
import { zstd } from "../lib/adapters/zstd.ts";
import type { Claims } from "../lib/core/claims/claims.ts";
import type { DeviceStore } from "../lib/core/device/device-store.ts";
import type { TrackedRecord } from "../lib/core/device/track-records.ts";
import { trackTenants } from "../lib/core/device/track-tenants.ts";
import type { QuarantineStore } from "../lib/core/quarantine/quarantine.ts";
import { redriveRecord } from "../lib/core/quarantine/redrive-record.ts";
import type { RecordingStore } from "../lib/core/recording/recording.ts";
import type { Repair, RepairStore } from "../lib/core/repair/repair.ts";
import type { ReplayStore } from "../lib/core/replay/replay-store.ts";
import type { Share, SharedThing, ShareStore } from "../lib/core/share/share.ts";
import type { OutgoingRecord, PositionStream } from "../lib/core/stream/position-stream.ts";
import type { TaskStore } from "../lib/core/task/task.ts";
import type { OfTenant } from "../lib/core/tenant/of-tenant.ts";
import type { TenantId } from "../lib/core/tenant/tenant-id.ts";
import { deviceTrack, type TrackStore } from "../lib/core/track/track-store.ts";
import { plain } from "./contracts/device-states.ts";
import { replayOf } from "./replay-simulation.ts";
import { RECORDING, TASK } from "./samples.ts";

/** Everything that holds what is a tenant's. */
export interface TenantsWorld {
  readonly devices: OfTenant<DeviceStore>;
  readonly tracks: OfTenant<TrackStore>;
  readonly quarantine: OfTenant<QuarantineStore>;
  readonly recordings: OfTenant<RecordingStore>;
  readonly replays: OfTenant<ReplayStore>;
  readonly tasks: OfTenant<TaskStore>;
  readonly claims: OfTenant<Claims>;
  readonly repairs: OfTenant<RepairStore>;
  readonly shares: OfTenant<ShareStore>;
  readonly streams: { readonly of: OfTenant<PositionStream>; readonly records: readonly OutgoingRecord[] };
}

export interface Operation {
  /** Which of both tenants. */
  readonly by: 0 | 1;
  readonly does: (typeof DOES)[number];
  /** Few, so that both use the same. */
  readonly id: string;
}

const DOES = [
  "send",
  "send rubbish",
  "redrive",
  "seal",
  "remove device",
  "record",
  "bury",
  "replay",
  "remove replay",
  "ask",
  "complete",
  "claim",
  "give back",
  "repair",
  "share",
  "revoke",
  "revoke all",
] as const;

export const operations = fc.array(
  fc.record({
    by: fc.constantFrom(0 as const, 1 as const),
    does: fc.constantFrom(...DOES),
    id: fc.constantFrom("a", "b"),
  }),
  { minLength: 1, maxLength: 14 },
);

const NOW_MS = 1_795_176_000_000;
const ALL = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER };
const PAGE = { limit: 100 };

/**
 * Tracks what has come onto the stream since; a record's number is the operation's, the same in every world.
 */
const tracker = (world: TenantsWorld) => {
  let seen = 0;
  return async (index: number): Promise<void> => {
    const fresh = world.streams.records.slice(seen);
    seen = world.streams.records.length;
    const records = fresh.map(
      ({ deviceId: partitionKey, data }): TrackedRecord => ({
        partitionKey,
        data,
        stream: "positions",
        sequenceNumber: String(index + 1),
        recordId: `shard-0:${index}`,
        arrivedAtMs: NOW_MS + index,
      }),
    );
    const portsOf = (tenant: TenantId) => ({
      devices: world.devices(tenant),
      tracks: world.tracks(tenant),
      quarantine: world.quarantine(tenant),
      streams: { createdAtMs: async () => 0 },
      compression: zstd,
    });
    const { failures } = await trackTenants(portsOf, records);
    if (failures.length > 0) throw failures[0].error;
  };
};

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const run = async (world: TenantsWorld, tenant: TenantId, { does, id }: Operation, index: number) => {
  const recording = { ...RECORDING, recordingId: id, positionCount: index };
  switch (does) {
    case "send":
      return world.streams.of(tenant).publish([
        {
          deviceId: id,
          data: bytes({ timestamp: NOW_MS - 60_000 + index, latitude: index, longitude: 1 }),
        },
      ]);
    case "send rubbish":
      return world.streams.of(tenant).publish([{ deviceId: id, data: bytes(`rubbish ${index}`) }]);
    case "redrive": {
      const [record] = (await world.quarantine(tenant).list(PAGE)).items;
      const ports = { quarantine: world.quarantine(tenant), stream: world.streams.of(tenant) };
      return record && redriveRecord(ports, record.recordId);
    }
    case "seal": {
      const at = { firstTimestampMs: NOW_MS + index, lastTimestampMs: NOW_MS + index };
      const data = new Uint8Array([index]);
      return world.tracks(tenant).put(deviceTrack(id), [{ kind: "sealed", ...at, positionCount: 1, data }]);
    }
    case "remove device":
      await world.tracks(tenant).remove(deviceTrack(id));
      return world.devices(tenant).remove(id);
    case "record": {
      const { epoch } = await world.recordings(tenant).epochOf(id);
      return world.recordings(tenant).put({ ...recording, ...(epoch > 0 && { epoch }) });
    }
    case "bury":
      return world.recordings(tenant).bury(id);
    case "replay": {
      const version = (await world.replays(tenant).get(id))?.version ?? 0;
      const replay = { ...replayOf([0, 1_000]), replayId: id, version, positionsPublished: index };
      return world.replays(tenant).save(replay);
    }
    case "remove replay":
      return world.replays(tenant).remove(id);
    case "ask":
      return world.tasks(tenant).create({ ...TASK, taskId: id, windowSeconds: index + 1 });
    case "complete":
      return world.tasks(tenant).complete(id, { status: "FAILED", reason: `reason ${index}` });
    case "claim": {
      const claim = { purpose: "p", claim: id, data: index };
      return world.claims(tenant).putNew(claim, NOW_MS);
    }
    case "give back":
      return world.claims(tenant).remove("p", id);
    case "repair": {
      const known = await world.repairs(tenant).get(id);
      const repair: Repair = { deviceId: id, version: 0, leaseUntilMs: 0, checkpoints: [], ...known };
      return world.repairs(tenant).save({ ...repair, leaseUntilMs: index });
    }
    case "share":
      return world.shares(tenant).create(shareOf(tenant, id, index));
    case "revoke": {
      const [share] = (await sharesOf(world, tenant)).filter(({ thing }) => idOf(thing) === id);
      return share && world.shares(tenant).remove(share.shareId);
    }
    case "revoke all":
      return world.shares(tenant).removeOfDevice(id, 100);
  }
};

/** Ids of shares are random: no two of all tenants are the same. */
const shareOf = (tenant: TenantId, deviceId: string, index: number): Share => ({
  shareId: `${tenant}.${index}`,
  tenant,
  thing: { kind: "device", deviceId },
  hidden: [],
  createdAtMs: NOW_MS + index,
  expiresAtSeconds: 4_000_000_000,
  hash: "00",
});
const idOf = (thing: SharedThing): string => (thing.kind === "device" ? thing.deviceId : thing.recordingId);

/** In the order in which they were made. */
const sharesOf = async (world: TenantsWorld, tenant: TenantId): Promise<Share[]> => {
  const { items } = await world.shares(tenant).list(PAGE, NOW_MS);
  return items.toSorted((one, other) => one.createdAtMs - other.createdAtMs);
};

/** As its owner sees it, whoever that is; undefined where its id does not find it. */
const seenShare = async (world: TenantsWorld, tenant: TenantId, shareId: string): Promise<unknown> => {
  const share = await world.shares(tenant).get(shareId, NOW_MS);
  return share && { ...share, shareId: undefined, tenant: undefined };
};

const segmentsOf = async (world: TenantsWorld, tenant: TenantId, id: string): Promise<unknown[]> => {
  const found: unknown[] = [];
  for await (const segment of world.tracks(tenant).segments(deviceTrack(id), ALL)) {
    found.push([segment.firstTimestampMs, segment.positionCount]);
  }
  return found;
};

/** All that a tenant can find out. */
const seenBy = async (world: TenantsWorld, tenant: TenantId): Promise<unknown> => {
  const ids = ["a", "b"];
  const states = await world.devices(tenant).load(ids);
  const records = (await world.quarantine(tenant).list(PAGE)).items;
  return {
    states: [...states].toSorted().map(([id, state]) => [id, plain(state)]),
    devices: (await world.devices(tenant).list(PAGE)).items.map(plain),
    deviceCount: await world.devices(tenant).count(10),
    shares: await Promise.all(
      (await sharesOf(world, tenant)).map(({ shareId }) => seenShare(world, tenant, shareId)),
    ),
    segments: await Promise.all(ids.map((id) => segmentsOf(world, tenant, id))),
    records: records.toSorted((one, other) => (one.recordId < other.recordId ? -1 : 1)),
    recordings: await world.recordings(tenant).list(PAGE),
    epochs: await Promise.all(ids.map((id) => world.recordings(tenant).epochOf(id))),
    replays: await world.replays(tenant).list(PAGE),
    replay: await Promise.all(ids.map((id) => world.replays(tenant).get(id))),
    tasks: await world.tasks(tenant).list("average-speed", PAGE, TASK.requestedAtMs),
    claims: await world.claims(tenant).list("p", NOW_MS),
    count: await world.claims(tenant).count("p", { upTo: 10 }, NOW_MS),
    repairs: await Promise.all(ids.map((id) => world.repairs(tenant).get(id))),
  };
};

const play = async (
  world: TenantsWorld,
  tenants: readonly [TenantId, TenantId],
  all: readonly Operation[],
  onlyBy?: 0 | 1,
): Promise<string[]> => {
  const track = tracker(world);
  const outcomes: string[] = [];
  for (const [index, operation] of all.entries()) {
    if (onlyBy !== undefined && operation.by !== onlyBy) continue;
    const answer = await run(world, tenants[operation.by], operation, index).catch(
      (error: Error) => error.name,
    );
    outcomes[index] = JSON.stringify(answer) ?? "nothing";
    await track(index);
  }
  return outcomes;
};

export interface Seen {
  readonly seen: unknown;
  readonly outcomes: readonly string[];
}

/** What each tenant sees of a world that both use, and what each would see of a world of its own. */
export const together = async (
  makeWorld: () => Promise<TenantsWorld>,
  tenants: readonly [TenantId, TenantId],
  all: readonly Operation[],
  /** Who they are when each is alone; the same where every world is a new one. */
  ofTheirOwn: readonly [TenantId, TenantId] = tenants,
): Promise<{ readonly shared: Seen[]; readonly alone: Seen[] }> => {
  const world = await makeWorld();
  const outcomes = await play(world, tenants, all);
  const shared: Seen[] = [];
  const alone: Seen[] = [];
  for (const by of [0, 1] as const) {
    const own = outcomes.filter((_, index) => all[index].by === by);
    shared.push({ seen: await seenBy(world, tenants[by]), outcomes: own });
    const apart = await makeWorld();
    const ofIt = (await play(apart, ofTheirOwn, all, by)).filter((outcome) => outcome !== undefined);
    alone.push({ seen: await seenBy(apart, ofTheirOwn[by]), outcomes: ofIt });
  }
  return { shared, alone };
};
