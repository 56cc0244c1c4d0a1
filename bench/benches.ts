import type { BenchTable } from "./report.ts";

export interface BenchSettings {
  /** How long `memory` runs. */
  readonly minutes?: number;
}

/** Every benchmark by name; loaded only when it runs. */
export const BENCHES: Readonly<Record<string, (settings: BenchSettings) => Promise<BenchTable>>> = {
  codec: async () => (await import("./codec.ts")).codecBench(),
  "stream-handler": async () => (await import("./stream-handler.ts")).streamHandlerBench(),
  "sustained-load": async () => (await import("./sustained-load.ts")).sustainedLoadBench(),
  memory: async ({ minutes }) => (await import("./memory.ts")).memoryBench({ minutes }),
  "state-latency": async () => (await import("./state-latency.ts")).stateLatencyBench(),
  "jetstream-publish": async () => (await import("./jetstream-publish.ts")).jetStreamPublishBench(),
  "replay-timing": async () => (await import("./replay-timing.ts")).replayTimingBench(),
  late: async () => (await import("./late.ts")).lateBench(),
  cost: async () => (await import("./cost.ts")).costBench(),
  "worst-case": async () => (await import("./worst-case.ts")).worstCaseBench(),
  openfaas: async () => (await import("./openfaas.ts")).openfaasBench(),
  "cold-start": async () => (await import("./cold-start.ts")).coldStartBench(),
};
