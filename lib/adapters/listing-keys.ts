import { idsOfPrefix } from "../core/access/device-prefix.ts";
import { DEVICE_ID_PATTERN } from "../core/identity/device-id.ts";
import type { SharedThing } from "../core/share/share.ts";
import type { Task, TaskKind } from "../core/task/task.ts";

/**
 * Where a thing is listed: the partition, and its place in it. The one place where these keys are made;
 * the table puts the tenant before the listing.
 */
export interface ListingKey {
  readonly listing: string;
  readonly entry: string;
}

/** Entries from one to another, both included. */
export interface EntryRange {
  readonly from: string;
  readonly to: string;
}

/** Part of a listing. */
export interface ListingRange {
  readonly listing: string;
  /** In the order of the entries, none twice. */
  readonly ranges: readonly EntryRange[];
}

// What an entry begins with decides what can be listed by itself. No id of ours has this sign.
const SEPARATOR = "#";

const keyOf = (listing: string, ...parts: string[]): ListingKey => ({
  listing,
  entry: parts.join(SEPARATOR),
});

/** The id of what an entry stands for. */
export const listedId = (entry: string): string => entry.slice(entry.lastIndexOf(SEPARATOR) + 1);

/** Above every character that an entry may hold. */
const LAST = "\u{10FFFF}";

const beginningWith = (text: string): EntryRange => ({ from: text, to: `${text}${LAST}` });

const rangeOf = (listing: string, prefix = ""): ListingRange => ({
  listing,
  ranges: [beginningWith(prefix)],
});

/**
 * The entries, each beginning with a device id, of those that belong to a device prefix; `before` stands
 * before the id.
 */
const rangesOfPrefix = (listing: string, devicePrefix: string, before = ""): ListingRange => {
  const { exact, beginnings } = idsOfPrefix(devicePrefix);
  return {
    listing,
    ranges: [
      ...(exact === undefined ? [] : [beginningWith(`${before}${exact}${SEPARATOR}`)]),
      ...beginnings.map((beginning) => beginningWith(`${before}${beginning}`)),
    ],
  };
};

export const deviceEntry = (deviceId: string): ListingKey => keyOf("devices", deviceId);
export const devicesWith = (idPrefix?: string): ListingRange => {
  if (idPrefix === undefined) return rangeOf("devices");
  const { exact, beginnings } = idsOfPrefix(idPrefix);
  const itself = exact === undefined ? [] : [{ from: exact, to: exact }];
  return { listing: "devices", ranges: [...itself, ...beginnings.map(beginningWith)] };
};

/**
 * One of an epoch: who takes a deleted recording off the list can't take off the one that was imported
 * meanwhile.
 */
export const recordingEntry = (recordingId: string, epoch: number): ListingKey =>
  keyOf("recordings", recordingId, `${epoch}`, recordingId);
export const recordingsRange = (): ListingRange => rangeOf("recordings");

/**
 * All devices of a replay begin with a prefix exactly when what they have in common does. Where that is the
 * prefix itself, some of them may go on without a separator: who lists has to look at them.
 */
export const replayEntry = (replayId: string, deviceIds: readonly string[]): ListingKey =>
  keyOf("replays", commonPrefix(deviceIds), replayId);
export const replaysWith = (devicePrefix?: string): ListingRange =>
  devicePrefix === undefined ? rangeOf("replays") : rangesOfPrefix("replays", devicePrefix);

export const commonPrefix = (texts: readonly string[]): string => {
  const [first = "", ...others] = texts;
  let length = first.length;
  for (const other of others) {
    length = Math.min(length, other.length);
    while (!other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
};

/**
 * A task that speaks of no device is found by the device prefix of nobody, and by nobody's alone: it is
 * everybody's.
 */
export const taskEntry = (task: Task): ListingKey =>
  "deviceId" in task && task.deviceId !== undefined
    ? keyOf(`tasks${SEPARATOR}${task.kind}`, task.deviceId, task.taskId)
    : keyOf(`tasks${SEPARATOR}${task.kind}`, task.taskId);
export const tasksWith = (kind: TaskKind, devicePrefix?: string): ListingRange =>
  kind === "average-speed" && devicePrefix !== undefined
    ? rangesOfPrefix(`tasks${SEPARATOR}${kind}`, devicePrefix)
    : rangeOf(`tasks${SEPARATOR}${kind}`);
export const tasksOf = (kind: TaskKind, deviceId: string): ListingRange =>
  rangeOf(`tasks${SEPARATOR}${kind}`, `${deviceId}${SEPARATOR}`);

/** A partition key may be any text of any length; one that is no device id is listed among the nameless. */
const NAMELESS = "~";
export const quarantineEntry = (partitionKey: string, recordId: string): ListingKey =>
  keyOf("quarantine", DEVICE_ID_PATTERN.test(partitionKey) ? partitionKey : NAMELESS, recordId);
export const quarantineRange = (): ListingRange => rangeOf("quarantine");
export const quarantineOf = (deviceId: string): ListingRange =>
  rangeOf("quarantine", `${deviceId}${SEPARATOR}`);

/**
 * By what is shared: so that a device's shares are found with it, and a device prefix finds those of its
 * devices alone.
 */
export const shareEntry = (shareId: string, thing: SharedThing): ListingKey =>
  thing.kind === "device"
    ? keyOf("shares", "device", thing.deviceId, shareId)
    : keyOf("shares", "recording", thing.recordingId, shareId);
export const sharesWith = (devicePrefix?: string): ListingRange =>
  devicePrefix === undefined
    ? rangeOf("shares")
    : rangesOfPrefix("shares", devicePrefix, `device${SEPARATOR}`);
export const sharesOfDevice = (deviceId: string): ListingRange =>
  rangeOf("shares", `device${SEPARATOR}${deviceId}${SEPARATOR}`);
