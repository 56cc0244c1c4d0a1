import type { KinesisStreamEvent } from "aws-lambda";
import type { SourceRecord } from "../../hosts/lambda-events/kinesis-event.ts";
import type { StreamTrigger } from "../../lib/runtime/definition.ts";
import { VirtualTime } from "../../test/virtual-time.ts";
import { HostUnreachableError, PerhapsRanError } from "../functions/call-errors.ts";
import { memoryLeaseStore } from "../lease/lease-store.ts";
import { type Machine, machineOn } from "../lease/testing.ts";
import { type CheckpointStore, memoryCheckpointStore } from "./checkpoint-store.ts";
import { type EventSource, type EventSourceOptions, startEventSource } from "./event-source.ts";
import { failuresOf, TRIGGER } from "./testing.ts";
import { MemoryLog } from "./testing-log.ts";

/** p0 is split into p2 and p3, so the keys of those begin in p0. */
export const PARTITIONS = ["p0", "p1", "p2", "p3"];
const SPLIT = "p0";
const CHILDREN = ["p2", "p3"];

export type Fault =
  | "none"
  | "throw"
  | "throw-late"
  | "partial"
  | "nonsense"
  | "unreachable"
  | "perhaps-ran-before"
  | "perhaps-ran-after"
  | "refuse-destination";

export interface Life {
  readonly startsAtMs: number;
  readonly latencyMs: number;
}

export interface Trouble {
  readonly process: number;
  readonly atMs: number;
  /** `closed-at-once` cuts the calls in flight. */
  readonly kind: "killed" | "paused" | "suspended" | "closed" | "closed-at-once";
  readonly forMs: number;
}

export interface Scenario {
  /** Of each partition's records. */
  readonly keys: readonly (readonly number[])[];
  readonly trigger: Partial<StreamTrigger>;
  readonly poison: readonly number[];
  readonly faults: readonly Fault[];
  readonly lives: readonly Life[];
  readonly troubles: readonly Trouble[];
  readonly isReaderFlaky: boolean;
  /** Whether it is told of what comes; else it asks at an interval. */
  readonly isReaderWaiting: boolean;
  /** Whether the processes share the partitions; else each consumes all of them. */
  readonly hasLeases: boolean;
  /** How long a call of the function takes. */
  readonly callMs: number;
}

/** What a wrong design puts in place of ours. */
export interface Design {
  /** Starts a process in place of startEventSource. */
  readonly start?: (
    options: EventSourceOptions,
    recordsOf: ReadonlyMap<string, readonly SourceRecord[]>,
  ) => EventSource;
  readonly checkpoints?: (right: CheckpointStore, lastRead: ReadonlyMap<string, string>) => CheckpointStore;
}

const LONGEST_MS = 30 * 60_000;

/** Processes that feed a function from one log, and what the function makes of it. */
export class World {
  readonly #scenario: Scenario;
  readonly #design: Design;
  readonly #time = new VirtualTime(1_000_000);
  readonly #log = new MemoryLog(PARTITIONS.filter((partition) => !CHILDREN.includes(partition)));
  readonly #leases = memoryLeaseStore();
  readonly #checkpoints = memoryCheckpointStore();
  readonly #running = new Map<Machine, EventSource>();
  readonly #faults: Fault[];
  /** The numbers of each key's records, in order. */
  readonly #due = new Map<string, number[]>();
  readonly #keyOf = new Map<number, string>();
  /** How many of each key's records are settled. */
  readonly #reached = new Map<string, number>();
  readonly #timesSettled = new Map<number, number>();
  /** By partition, who has a call in flight, and how many. */
  readonly #inFlight = new Map<string, Map<Machine, number>>();
  #refusals = 0;
  /** Records that were settled though one before them of their key was not. */
  readonly outOfTurn: number[] = [];
  /** Partitions of which two processes had calls in flight. */
  readonly atTwoAtOnce: string[] = [];

  constructor(scenario: Scenario, design: Design = {}) {
    this.#scenario = scenario;
    this.#design = design;
    this.#faults = [...scenario.faults];
    this.#fill();
  }

  /** Lets the processes run until all is settled. */
  async play(): Promise<void> {
    const { lives, troubles } = this.#scenario;
    const machines = lives.map(({ latencyMs }, index) =>
      machineOn(this.#time, { owner: `m${index}`, latencyMs }),
    );
    await this.#time.run(
      (async () => {
        await Promise.all([
          ...machines.map((machine, index) => this.#live(machine, lives[index].startsAtMs)),
          ...troubles.map((trouble) => this.#happen(machines[trouble.process % machines.length], trouble)),
        ]);
        // Whatever became of the others, one that lives must be able to do it all.
        const last = machineOn(this.#time, { owner: "last" });
        await this.#live(last, 0);
        while (this.unsettled().length > 0 && this.#time.now() < 1_000_000 + LONGEST_MS) {
          await this.#time.sleep(500);
        }
        await Promise.all([...this.#running.values()].map((source) => source.close()));
      })(),
    );
  }

  unsettled(): number[] {
    return [...this.#keyOf.keys()].filter((number) => !this.#timesSettled.has(number));
  }

  settledTwice(): number[] {
    return [...this.#timesSettled].filter(([, times]) => times > 1).map(([number]) => number);
  }

  /** A key of the partition that is split goes on in one of its children: even ones in the first. */
  #fill(): void {
    let number = 0;
    for (const [index, partition] of PARTITIONS.entries()) {
      const child = CHILDREN.indexOf(partition);
      if (child >= 0) this.#log.open(partition, [SPLIT]);
      for (const key of this.#scenario.keys[index]) {
        const name = partition === "p1" ? `one-${key}` : `key-${child < 0 ? key : key - (key % 2) + child}`;
        this.#log.put(partition, name, String(number), 1_000_000);
        this.#keyOf.set(number, name);
        this.#due.set(name, [...(this.#due.get(name) ?? []), number]);
        number++;
      }
    }
    this.#log.close(SPLIT);
  }

  async #live(machine: Machine, startsAtMs: number): Promise<void> {
    await machine.sleep(startsAtMs);
    let requests = 0;
    const { hasLeases, isReaderFlaky, isReaderWaiting, trigger } = this.#scenario;
    const beforeRequest = async (): Promise<void> => {
      await machine.sleep(1);
      if (isReaderFlaky && ++requests % 5 === 0) throw new Error("ProvisionedThroughputExceededException");
    };
    const reader = isReaderWaiting
      ? this.#log.waitingReader(machine.sleep, beforeRequest)
      : this.#log.reader(beforeRequest);
    const lastRead = new Map<string, string>();
    const checkpoints = this.#design.checkpoints?.(this.#checkpoints, lastRead) ?? this.#checkpoints;
    const start = this.#design.start ?? startEventSource;
    const options: EventSourceOptions = {
      functionName: "f",
      trigger: { ...TRIGGER, ...trigger },
      reader: {
        ...reader,
        async read(partitionId, ...rest) {
          const page = await reader.read(partitionId, ...rest);
          const last = page.records.at(-1);
          if (last) lastRead.set(partitionId, last.sequenceNumber);
          return page;
        },
      },
      checkpoints: {
        load: async () => {
          await machine.sleep(1);
          return checkpoints.load();
        },
        save: async (...saved) => {
          await machine.sleep(1);
          await checkpoints.save(...saved);
        },
      },
      sharing: {
        store: machine.reach(hasLeases ? this.#leases : memoryLeaseStore()),
        owner: machine.owner,
        clocks: machine.clocks,
      },
      invoke: (_, event, signal) => this.#call(machine, event as KinesisStreamEvent, signal),
      onFailure: async ({ records }) => {
        await machine.sleep(1);
        if (this.#refusals-- > 0) throw new Error("the destination is away");
        this.#settle(records.map(({ data }) => Number(Buffer.from(data))));
      },
      clock: machine.clocks.wall,
      sleep: machine.sleep,
    };
    this.#running.set(machine, start(options, this.#log.records()));
  }

  async #happen(machine: Machine, { atMs, forMs, kind }: Trouble): Promise<void> {
    await this.#time.sleep(atMs);
    const source = this.#running.get(machine);
    if (!source || !machine.isRunning) return;
    if (kind === "paused" || kind === "suspended") {
      machine.pause(kind);
      await this.#time.sleep(forMs);
      machine.resume();
      return;
    }
    this.#running.delete(machine);
    if (kind === "killed") machine.kill();
    else await source.close(kind === "closed" ? 60_000 : 0);
  }

  /** The function runs elsewhere: what becomes of the process that called it does not stop it. */
  async #call(machine: Machine, event: KinesisStreamEvent, signal?: AbortSignal): Promise<unknown> {
    const [partition] = event.Records[0].eventID.split(":");
    const numbers = event.Records.map(({ kinesis }) => Number(Buffer.from(kinesis.data, "base64")));
    const calls = this.#inFlight.get(partition) ?? new Map<Machine, number>();
    this.#inFlight.set(partition, calls);
    calls.set(machine, (calls.get(machine) ?? 0) + 1);
    if ([...calls.values()].filter((count) => count > 0).length > 1) this.atTwoAtOnce.push(partition);
    try {
      await this.#time.sleep(this.#scenario.callMs);
      return this.#run(numbers);
    } finally {
      calls.set(machine, (calls.get(machine) ?? 0) - 1);
      await machine.awake();
      signal?.throwIfAborted();
    }
  }

  #run(numbers: readonly number[]): unknown {
    const fault = this.#faults.shift() ?? "none";
    if (fault === "refuse-destination") this.#refusals = 2;
    if (fault === "unreachable") throw new HostUnreachableError("away");
    if (fault === "perhaps-ran-before") throw new PerhapsRanError("it did not", 0);
    if (fault === "throw") throw new Error("failed");
    if (fault === "nonsense") return failuresOf("nothing of ours");
    const bad = numbers.findIndex((number) => this.#scenario.poison.includes(number));
    const partialAt = fault === "partial" ? numbers.length >> 1 : numbers.length;
    const failedAt = Math.min(bad === -1 ? numbers.length : bad, partialAt);
    // It fails as a whole and after doing something: nothing may count as settled.
    if (failedAt < numbers.length && numbers[failedAt] % 2 === 0) throw new Error("failed as a whole");
    if (fault === "throw-late") throw new Error("failed at the end");
    this.#settle(numbers.slice(0, failedAt));
    if (fault === "perhaps-ran-after") throw new PerhapsRanError("it did", 100);
    return failedAt < numbers.length ? failuresOf(this.#sequenceNumberOf(numbers[failedAt])) : null;
  }

  #settle(numbers: readonly number[]): void {
    for (const number of numbers) {
      const key = this.#keyOf.get(number) ?? "";
      const turn = (this.#due.get(key) ?? []).indexOf(number);
      const reached = this.#reached.get(key) ?? 0;
      if (turn > reached) this.outOfTurn.push(number);
      this.#reached.set(key, Math.max(reached, turn + 1));
      this.#timesSettled.set(number, (this.#timesSettled.get(number) ?? 0) + 1);
    }
  }

  readonly #sequenceNumberOf = (number: number): string => String(10n ** 19n - 20n + BigInt(number));
}
