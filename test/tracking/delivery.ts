import fc from "fast-check";
import {
  type TrackedRecord,
  type TrackingOutcome,
  type TrackingPorts,
  trackRecords,
} from "../../lib/core/device/track-records.ts";

/** What goes wrong while a batch is handled. */
export interface Fault {
  /** The number of the request to a store at which it happens. */
  readonly request: number;
  /** Doesn't count reads: among many requests, a crash matters between writes. */
  readonly countsWritesOnly?: boolean;
  /** The request takes effect, and the answer is lost. */
  readonly afterEffect: boolean;
  /** The process dies: none of its later requests takes effect either. Otherwise only this request fails. */
  readonly isCrash: boolean;
}

/**
 * One batch as a consumer gets it. Batches begin at or before the checkpoint, because a shard is never read
 * with gaps.
 */
export interface Batch {
  readonly redelivered: number;
  readonly length: number;
  readonly fault: Fault | undefined;
}

/** A batch, and perhaps another consumer that has not noticed yet that it lost the shard. */
export interface Delivery extends Batch {
  readonly zombie: Batch | undefined;
  /** How long each request takes, in turns of the event loop's microtasks; decides how the two interleave. */
  readonly latencies: readonly number[];
}

const fault: fc.Arbitrary<Fault> = fc.record({
  request: fc.nat({ max: 12 }),
  afterEffect: fc.boolean(),
  isCrash: fc.boolean(),
});

const batch = {
  redelivered: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat({ max: 20 }) },
  ),
  length: fc.integer({ min: 1, max: 15 }),
  fault: fc.option(fault, { nil: undefined, freq: 3 }),
};

const deliveriesUpTo = (maximum: number): fc.Arbitrary<Delivery[]> =>
  fc.array(
    fc.record({
      ...batch,
      zombie: fc.option(fc.record(batch), { nil: undefined, freq: 2 }),
      latencies: fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 8 }),
    }),
    { maxLength: maximum, size: "max" },
  );

export const deliveries: fc.Arbitrary<Delivery[]> = deliveriesUpTo(40);
/** For deliveries of a few batches. */
export const fewDeliveries: fc.Arbitrary<Delivery[]> = deliveriesUpTo(8);

/**
 * Makes the given deliveries from a checkpoint on, while `alongside` runs, then by default the rest without
 * faults. Returns the new checkpoint. Throws when a delivery without faults does not succeed.
 */
export const deliver = async (
  ports: TrackingPorts,
  records: readonly TrackedRecord[],
  plan: readonly Delivery[],
  alongside: (step: number) => Promise<void> = async () => undefined,
  { from = 0, isFinished = true }: { readonly from?: number; readonly isFinished?: boolean } = {},
): Promise<number> => {
  let checkpoint = from;
  for (const [index, step] of plan.entries()) {
    const [next] = await Promise.all([
      handle(ports, records, checkpoint, step, step.latencies),
      step.zombie && handle(ports, records, checkpoint, step.zombie, step.latencies.toReversed()),
      alongside(index),
    ]);
    checkpoint = next;
  }
  if (!isFinished) return checkpoint;
  const outcome = await trackRecords(ports, records.slice(checkpoint));
  if (outcome.failures.length > 0) throw outcome.failures[0].error;
  return records.length;
};

/** Handles one batch; returns the new checkpoint. */
const handle = async (
  ports: TrackingPorts,
  records: readonly TrackedRecord[],
  checkpoint: number,
  { redelivered, length, fault: planned }: Batch,
  latencies: readonly number[],
): Promise<number> => {
  const from = Math.max(0, checkpoint - redelivered);
  const to = Math.min(records.length, from + length);
  const line = new FaultyLine(planned, latencies);
  const outcome = await trackRecords(throughLine(ports, line), records.slice(from, to));
  // A dead process answers nothing: the whole batch is redelivered.
  if (line.isDead) return checkpoint;
  return Math.max(checkpoint, from + acknowledged(outcome, records.slice(from, to)));
};

/** As the service reads a partial batch response: all records before the first failure are done. */
const acknowledged = ({ failures }: TrackingOutcome, records: readonly TrackedRecord[]): number => {
  const failed = new Set(failures.map(({ sequenceNumber }) => sequenceNumber));
  const first = records.findIndex(({ sequenceNumber }) => failed.has(sequenceNumber));
  return first === -1 ? records.length : first;
};

export class FaultyLine {
  isDead = false;
  private readonly fault: Fault | undefined;
  private readonly latencies: readonly number[];
  private requests = 0;

  constructor(planned: Fault | undefined, latencies: readonly number[]) {
    this.fault = planned;
    this.latencies = latencies;
  }

  async send<Answer>(request: () => Promise<Answer>, isRead = false): Promise<Answer> {
    if (isRead && this.fault?.countsWritesOnly) return request();
    const number = this.requests++;
    for (let turns = this.latencies[number % this.latencies.length]; turns > 0; turns--) await undefined;
    if (this.isDead) throw new Error("the process is dead");
    if (this.fault?.request !== number) return request();
    this.isDead = this.fault.isCrash;
    if (this.fault.afterEffect) await request();
    throw new Error(this.isDead ? "the process died" : "the store did not answer");
  }
}

const throughLine = (
  { devices, tracks, quarantine, streams, ...rest }: TrackingPorts,
  line: FaultyLine,
): TrackingPorts => ({
  ...rest,
  streams: {
    createdAtMs: (stream, sinceMs) => line.send(() => streams.createdAtMs(stream, sinceMs), true),
  },
  devices: {
    ...devices,
    load: (deviceIds) => line.send(() => devices.load(deviceIds), true),
    save: (state) => line.send(() => devices.save(state)),
  },
  tracks: {
    ...tracks,
    put: (trackId, segments) => line.send(() => tracks.put(trackId, segments)),
    removeSegments: (trackId, segments) => line.send(() => tracks.removeSegments(trackId, segments)),
    putLate: (trackId, part) => line.send(() => tracks.putLate(trackId, part)),
    async *segments(trackId, range) {
      yield* await line.send(async () => tracks.segments(trackId, range), true);
    },
  },
  quarantine: { ...quarantine, put: (record) => line.send(() => quarantine.put(record)) },
});
