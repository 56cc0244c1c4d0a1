import type { Claim, Claims } from "../claims/claims.ts";
import type { Clock } from "../clock.ts";
import { mapConcurrently } from "../concurrency.ts";
import { ConflictError, LimitError } from "../errors.ts";
import { deviceIdsOf, type Replay, type ReplaySource } from "./replay.ts";
import type { ReplayStore } from "./replay-store.ts";

/** A replay that has a place among those that play or are paused. */
export interface ActiveReplay {
  readonly replayId: string;
  readonly keyId?: string;
  readonly sources: readonly Pick<ReplaySource, "recordingId" | "deviceId" | "copies">[];
  readonly claimedAtMs: number;
}

/** Replays that play or are paused at once. */
export interface ReplayLimits {
  readonly inAll: number;
  /** What the tenant may have, where that is less. */
  readonly ofTenant?: () => Promise<number | undefined>;
  readonly perKey: number;
}

export interface ActivePorts {
  readonly replays: Pick<ReplayStore, "get">;
  readonly claims: Claims;
  readonly now: Clock;
}

const PURPOSE = "active-replays";
/** A replay is stored within this time after it took its place, or never. */
const BEING_MADE_MS = 60_000;
const READS_AT_ONCE = 16;

/**
 * Every replay that plays or is paused, and those being created. A replay that ends keeps its place until
 * somebody reads it and clears it.
 */
export const activeReplays = async (ports: ActivePorts): Promise<ActiveReplay[]> => {
  const claims = await ports.claims.list<ActiveReplay>(PURPOSE, ports.now());
  return stillActive(ports, claims);
};

const stillActive = async (
  { replays, claims, now }: ActivePorts,
  found: readonly Claim<ActiveReplay>[],
): Promise<ActiveReplay[]> => {
  const active: ActiveReplay[] = [];
  await mapConcurrently(found, READS_AT_ONCE, async ({ claim, data }) => {
    const replay = await replays.get(data.replayId);
    const isBeingMade = !replay && now() - data.claimedAtMs < BEING_MADE_MS;
    if (isBeingMade || replay?.status === "playing" || replay?.status === "paused") active.push(data);
    // One that begins again takes another place, so this one is nobody's.
    else if (now() - data.claimedAtMs >= BEING_MADE_MS) await claims.remove(PURPOSE, claim);
  });
  return [...new Map(active.map((one) => [one.replayId, one])).values()];
};

type Admitted = Pick<Replay, "replayId" | "run" | "keyId" | "sources" | "allowSharedDevices">;

/**
 * Takes a place for a replay that is about to play. It takes the place first and then counts, so that of many
 * at once never too many get in; some may be refused that would have fitted. Throws LimitError, and
 * ConflictError when another replay plays one of its devices and neither says that this may be.
 */
export const admitReplay = async (
  ports: ActivePorts,
  replay: Admitted,
  { inAll, perKey, ofTenant }: ReplayLimits,
): Promise<void> => {
  const limits = { inAll: Math.min(inAll, (await ofTenant?.()) ?? inAll), perKey };
  const { replayId, run, keyId, sources } = replay;
  const claim = `${replayId}#${run}`;
  const data: ActiveReplay = {
    replayId,
    ...(keyId !== undefined && { keyId }),
    sources: sources.map(({ recordingId, deviceId, copies }) => ({ recordingId, deviceId, copies })),
    claimedAtMs: ports.now(),
  };
  await ports.claims.put({ purpose: PURPOSE, claim, data });
  try {
    const claims = await ports.claims.list<ActiveReplay>(PURPOSE, ports.now());
    const others = claims.filter((other) => other.data.replayId !== replayId);
    // Usually there is room, and nobody has to check which of the others still play.
    if (
      !refusal(
        others.map((other) => other.data),
        replay,
        limits,
      )
    )
      return;
    const error = refusal(await stillActive(ports, others), replay, limits);
    if (error) throw error;
  } catch (error) {
    await ports.claims.remove(PURPOSE, claim);
    throw error;
  }
};

const refusal = (
  others: readonly ActiveReplay[],
  { keyId, sources, allowSharedDevices }: Admitted,
  { inAll, perKey }: ReplayLimits,
): Error | undefined => {
  if (others.length >= inAll) return full(`${inAll} replays play or are paused at once`, others.length);
  const ofKey = others.filter((other) => keyId !== undefined && other.keyId === keyId).length;
  if (ofKey >= perKey) return full(`${perKey} replays of one key play or are paused at once`, ofKey);
  if (allowSharedDevices) return undefined;
  const own = new Set(sources.flatMap(deviceIdsOf));
  for (const other of others) {
    const shared = other.sources.flatMap(deviceIdsOf).find((deviceId) => own.has(deviceId));
    if (shared === undefined) continue;
    return new ConflictError(
      `device ${shared} is played by replay ${other.replayId}: delete that, choose another deviceId, or say allowSharedDevices`,
    );
  }
  return undefined;
};

const full = (rule: string, present: number): LimitError =>
  new LimitError(`at most ${rule}, and there are ${present}: delete one, or wait until one has finished`);

/** Gives back the place of a replay that was deleted. */
export const leavePlace = async (
  { claims, now }: Pick<ActivePorts, "claims" | "now">,
  replayId: string,
): Promise<void> => {
  for (const { claim, data } of await claims.list<ActiveReplay>(PURPOSE, now())) {
    if (data.replayId === replayId) await claims.remove(PURPOSE, claim);
  }
};

/** The replays that play or are paused as this device. */
export const replaysOnto = async (ports: ActivePorts, deviceId: string): Promise<ActiveReplay[]> =>
  (await activeReplays(ports)).filter(({ sources }) => sources.flatMap(deviceIdsOf).includes(deviceId));
