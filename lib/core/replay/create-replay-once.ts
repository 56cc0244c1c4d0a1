import { digestOf } from "../claims/claims.ts";
import { GoneError, KeyReusedError } from "../errors.ts";
import { type CreatePorts, createReplay, type ReplayRequest } from "./create-replay.ts";
import type { Replay } from "./replay.ts";

/** A request that is repeated later than this creates another replay. */
export const IDEMPOTENCY_KEPT_SECONDS = 24 * 60 * 60;

interface KnownRequest {
  readonly fingerprint: string;
  readonly replayId: string;
  readonly isDone: boolean;
}

export interface OnceOptions {
  /** As the caller sent it. */
  readonly idempotencyKey: string;
  /** Of the caller; each has idempotency keys of its own. */
  readonly keyId?: string;
}

/**
 * Creates a replay once, however often it is requested: the replay's id is stored under the idempotency key
 * first, so a repeated request finds the replay, or creates it if the first did not get that far. A request
 * that was refused is tried again. Throws KeyReusedError for another request under the same key, GoneError
 * when the replay was deleted since, and what createReplay throws.
 */
export const createReplayOnce = async (
  ports: CreatePorts,
  request: ReplayRequest,
  { idempotencyKey, keyId }: OnceOptions,
): Promise<Replay> => {
  const purpose = `requests#${keyId ?? ""}`;
  const claim = await digestOf(idempotencyKey);
  const fingerprint = await digestOf(canonical(request));
  const expiresAtSeconds = Math.ceil(ports.now() / 1000) + IDEMPOTENCY_KEPT_SECONDS;
  const asked: KnownRequest = { fingerprint, replayId: ports.newId(), isDone: false };
  const first = await ports.claims.putNew({ purpose, claim, data: asked, expiresAtSeconds }, ports.now());
  const { data: known } = first;
  if (known.fingerprint !== fingerprint) {
    throw new KeyReusedError("idempotency-key was sent before with another body: choose a new one");
  }
  const { replayId } = known;
  const made = await ports.replays.get(replayId);
  if (made) return made;
  if (known.isDone) throw new GoneError(`replay ${replayId} was deleted since: choose a new idempotency-key`);
  const replay = await createReplay({ ...ports, newId: () => replayId }, request, keyId);
  await ports.claims.put({ ...first, data: { ...known, isDone: true } });
  return replay;
};

/** The same text for the same request, whatever the order of its fields. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : part,
  );
