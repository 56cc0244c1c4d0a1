import type { KeySecrets } from "../access/api-key.ts";
import { type Caller, checkDevices, mayUseDevices, prefixRule } from "../access/caller.ts";
import { KEY_ID_BYTES, linkText, SECRET_BYTES } from "../access/key-text.ts";
import type { Clock } from "../clock.ts";
import type { DeviceStore } from "../device/device-store.ts";
import { heardDevice } from "../device/heard-device.ts";
import { type FieldProblem, ForbiddenError, NotFoundError } from "../errors.ts";
import { refuseProblems } from "../field-problems.ts";
import type { Recording, RecordingStore } from "../recording/recording.ts";
import type { Area, Circle } from "./area.ts";
import type { Share, SharedThing, ShareStore } from "./share.ts";

export interface CreateSharePorts {
  readonly shares: Pick<ShareStore, "create">;
  readonly devices: Pick<DeviceStore, "load">;
  readonly recordings: Pick<RecordingStore, "get">;
  readonly secrets: Pick<KeySecrets, "random" | "hash">;
  readonly now: Clock;
}

export interface ShareRequest {
  readonly deviceId?: string;
  readonly recordingId?: string;
  readonly expiresInSeconds?: number;
  readonly expiresAtMs?: number;
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly area?: Area;
  readonly hidden?: readonly Circle[];
  readonly name?: string;
}

/** A year and a day: what is to be seen for longer is shared again by somebody who still wants it. */
export const LONGEST_SHARE_SECONDS = 366 * 24 * 60 * 60;

/**
 * Makes a link. `text` is the link itself, which can't be read again. Of a device it shows what comes from
 * now on, unless `fromMs` says otherwise. Throws InvalidInputError, NotFoundError when there is nothing to
 * share, and ForbiddenError.
 */
export const createShare = async (
  ports: CreateSharePorts,
  caller: Caller,
  request: ShareRequest,
): Promise<{ readonly share: Share; readonly text: string }> => {
  const { shares, secrets, now } = ports;
  const nowMs = now();
  const expiresAtSeconds = expiryOf(request, nowMs);
  // Sharing a device for an hour rarely means sharing where it has been all year.
  const fromMs = request.fromMs ?? (request.deviceId === undefined ? undefined : nowMs);
  refuseProblems(problemsOf(caller, request, { fromMs, expiresAtSeconds, nowMs }));
  const { name, area, hidden = [] } = request;
  const { thing, recording } = await thingOf(ports, caller, request);
  const hasPlaces = area !== undefined || hidden.length > 0;
  const asked = { fromMs, toMs: request.toMs };
  const times = recording && hasPlaces ? withinDaysOf(recording, asked) : asked;
  const { keyId: shareId, text } = linkText(secrets.random(KEY_ID_BYTES), secrets.random(SECRET_BYTES));
  const share: Share = {
    shareId,
    tenant: caller.tenant,
    thing,
    ...(name !== undefined && { name }),
    ...(times.fromMs !== undefined && { fromMs: times.fromMs }),
    ...(times.toMs !== undefined && { toMs: times.toMs }),
    ...(area !== undefined && { area }),
    hidden,
    ...(caller.keyId !== undefined && { keyId: caller.keyId }),
    createdAtMs: nowMs,
    expiresAtSeconds,
    hash: secrets.hash(text),
  };
  await shares.create(share);
  return { share, text };
};

/**
 * Whether a caller may share this, or see and revoke the share of it: a key with a device prefix has its
 * devices alone.
 */
export const mayUseShare = (caller: Caller, thing: SharedThing): boolean =>
  thing.kind === "device" ? mayUseDevices(caller, [thing.deviceId]) : caller.devicePrefix === undefined;

const thingOf = async (
  { devices, recordings }: CreateSharePorts,
  caller: Caller,
  { deviceId, recordingId = "" }: ShareRequest,
): Promise<{ readonly thing: SharedThing; readonly recording?: Recording }> => {
  if (deviceId !== undefined) {
    checkDevices(caller, [deviceId]);
    await heardDevice(devices, deviceId);
    return { thing: { kind: "device", deviceId } };
  }
  if (caller.devicePrefix !== undefined) {
    throw new ForbiddenError(`${prefixRule(caller)}; sharing a recording needs a key for all devices`);
  }
  const recording = await recordings.get(recordingId);
  if (!recording) throw new NotFoundError(`recording ${recordingId} does not exist`);
  const { epoch = 0, createdAtMs } = recording;
  return { thing: { kind: "recording", recordingId, epoch, createdAtMs }, recording };
};

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The times of a share with places, which is read from one mark of time to the next: without bounds there
 * would be no first mark and no last one. Whole days in UTC, because the first and the last position may be
 * in a hidden place.
 */
const withinDaysOf = (
  { firstTimestampMs, lastTimestampMs }: Recording,
  { fromMs = 0, toMs = Number.POSITIVE_INFINITY }: Pick<Share, "fromMs" | "toMs">,
): Required<Pick<Share, "fromMs" | "toMs">> => {
  const beginMs = Math.floor(firstTimestampMs / DAY_MS) * DAY_MS;
  const endMs = (Math.floor(lastTimestampMs / DAY_MS) + 1) * DAY_MS - 1;
  const first = Math.min(Math.max(fromMs, beginMs), toMs);
  return { fromMs: first, toMs: Math.max(first, Math.min(toMs, endMs)) };
};

/** NaN where not exactly one of the two ways to say it was used. */
const expiryOf = ({ expiresInSeconds, expiresAtMs }: ShareRequest, nowMs: number): number => {
  if (expiresInSeconds !== undefined && expiresAtMs !== undefined) return Number.NaN;
  if (expiresAtMs !== undefined) return Math.floor(expiresAtMs / 1000);
  return expiresInSeconds === undefined ? Number.NaN : Math.ceil(nowMs / 1000) + expiresInSeconds;
};

interface Derived {
  readonly fromMs: number | undefined;
  readonly expiresAtSeconds: number;
  readonly nowMs: number;
}

const problemsOf = (
  { keyExpiresAtSeconds = Number.POSITIVE_INFINITY }: Caller,
  request: ShareRequest,
  { fromMs, expiresAtSeconds, nowMs }: Derived,
): FieldProblem[] => {
  const { deviceId, recordingId, expiresInSeconds, expiresAtMs, toMs, area } = request;
  const problems: FieldProblem[] = [];
  if ((deviceId === undefined) === (recordingId === undefined)) {
    problems.push({ field: "deviceId", rule: "or recordingId must be given, and not both" });
  }
  const lastsSeconds = expiresAtSeconds - Math.ceil(nowMs / 1000);
  if (Number.isNaN(expiresAtSeconds)) {
    problems.push({ field: "expiresInSeconds", rule: "or expiresAt must be given, and not both" });
  } else {
    const value = expiresInSeconds ?? new Date(expiresAtMs ?? 0).toISOString();
    const field = expiresInSeconds === undefined ? "expiresAt" : "expiresInSeconds";
    if (lastsSeconds <= 0 || lastsSeconds > LONGEST_SHARE_SECONDS) {
      problems.push({ field, value, rule: `must be in the future, by ${LONGEST_SHARE_SECONDS} s at most` });
    } else if (expiresAtSeconds > keyExpiresAtSeconds) {
      const keyExpiresAt = new Date(keyExpiresAtSeconds * 1000).toISOString();
      problems.push({ field, value, rule: `must not be after the key expires, at ${keyExpiresAt}` });
    }
  }
  if (fromMs !== undefined && toMs !== undefined && fromMs > toMs) {
    const rule =
      request.fromMs === undefined ? "must be given where `to` is in the past" : "must not be after `to`";
    problems.push({ field: "from", rule });
  }
  if (area !== undefined && !(area.south >= -90 && area.south <= area.north && area.north <= 90)) {
    problems.push({
      field: "area",
      value: [area.west, area.south, area.east, area.north].join(", "),
      rule: "must be [west, south, east, north], latitudes from -90 to 90, south not above north",
    });
  }
  return problems;
};
