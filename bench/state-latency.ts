import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localClientSettings } from "../infra/engine/clients.ts";
import { tableName } from "../infra/engine/names.ts";
import { dynamoClient } from "../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../lib/adapters/dynamodb/device-store.ts";
import { sleep } from "../lib/adapters/sleep.ts";
import type { DeviceStore } from "../lib/core/device/device-store.ts";
import { DEFAULT_TENANT } from "../lib/core/tenant/tenant-id.ts";
import { percentile, tenths } from "./percentile.ts";
import { processTreeCpuMs } from "./process-tree-cpu.ts";
import type { BenchTable } from "./report.ts";
import { addressOf, startStackProcess, stopStackProcess } from "./stack-process.ts";

/** A Backtrack under load, wherever it runs. */
export interface MeasuredHome {
  readonly name: string;
  readonly apiUrl: string;
  readonly devices: DeviceStore;
  /** Processor time of its processes up to now. */
  cpuMs(): number;
}

export interface LatencyLoad {
  readonly devices: number;
  /** Of all devices together; each position is a request of its own. */
  readonly positionsPerSecond: number;
  readonly seconds: number;
  /** One position of so many is followed into the state. */
  readonly followOneOf: number;
}

const LOADS: readonly LatencyLoad[] = [
  { devices: 50, positionsPerSecond: 50, seconds: 20, followOneOf: 5 },
  { devices: 100, positionsPerSecond: 1_000, seconds: 15, followOneOf: 200 },
];
const IDLE_SECONDS = 30;
/** How often a followed position's state is looked at: what the measured latency is too large by, at most. */
const LOOK_MILLISECONDS = 4;
const LATE_MILLISECONDS = 20_000;

/** How long after its acceptance a position is in its device's state, in `npm start` as people start it. */
export const stateLatencyBench = async (): Promise<BenchTable> => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-latency-"));
  const stack = startStackProcess(join(folder, "stack.json"));
  try {
    const address = await addressOf(join(folder, "stack.json"), stack);
    const dynamodb = dynamoClient(localClientSettings(address.dynamodbEndpoint, address.credentials));
    try {
      return await measureLatency({
        name: "npm start",
        apiUrl: address.apiUrl,
        devices: dynamoDeviceStore(dynamodb, tableName("devices"), tableName("listings"))(DEFAULT_TENANT),
        cpuMs: () => processTreeCpuMs(stack.pid ?? 0),
      });
    } finally {
      dynamodb.destroy();
    }
  } finally {
    await stopStackProcess(stack);
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Measures one home. Raises an error when a followed position never appears, or a request is refused. */
export const measureLatency = async (
  home: MeasuredHome,
  loads: readonly LatencyLoad[] = LOADS,
): Promise<BenchTable> => {
  await loadPositions(home, { devices: 1, positionsPerSecond: 50, seconds: 2, followOneOf: 50 }, "warm");
  const idleMs = await cpuPerSecond(home, () => sleep(IDLE_SECONDS * 1_000));
  const rows: (string | number)[][] = [["nothing", "", "", "", Math.round(idleMs)]];
  for (const [index, load] of loads.entries()) {
    let latenciesMs: readonly number[] = [];
    const prefix = `latency-${index}`;
    const startMs = performance.now();
    const cpu = await cpuPerSecond(home, async () => {
      latenciesMs = await loadPositions(home, load, prefix);
    });
    const sent = load.positionsPerSecond * load.seconds;
    const reached = sent / ((performance.now() - startMs) / 1_000);
    const states = await home.devices.load(deviceIdsOf(load, prefix));
    const writes = [...states.values()].reduce((sum, { version }) => sum + version, 0);
    rows.push([
      `${Math.round(reached)} positions/s of ${load.devices} devices`,
      tenths(percentile(latenciesMs, 0.5)),
      tenths(percentile(latenciesMs, 0.99)),
      tenths(sent / writes),
      Math.round(cpu),
    ]);
  }
  return {
    name: `From acceptance to state, ${home.name}`,
    columns: ["load", "p50 ms", "p99 ms", "positions per write", "CPU ms per s"],
    rows,
    notes: [
      "From the 202 of POST /devices/{id}/positions until the table has the position. Each position is a request.",
      "CPU of all processes but the one that sends and looks, which shares the machine.",
    ],
  };
};

const cpuPerSecond = async (home: MeasuredHome, work: () => Promise<unknown>): Promise<number> => {
  const [cpuMs, startMs] = [home.cpuMs(), performance.now()];
  await work();
  return ((home.cpuMs() - cpuMs) * 1_000) / (performance.now() - startMs);
};

const deviceIdsOf = ({ devices }: LatencyLoad, prefix: string): string[] =>
  Array.from({ length: devices }, (_, index) => `${prefix}-${index}`);

/** Sends one position after the other, evenly, on an absolute schedule; resolves when all followed are seen. */
const loadPositions = async (home: MeasuredHome, load: LatencyLoad, prefix: string): Promise<number[]> => {
  const { positionsPerSecond, seconds, followOneOf } = load;
  const deviceIds = deviceIdsOf(load, prefix);
  const under: Promise<number | undefined>[] = [];
  const [startMs, before] = [Date.now(), performance.now()];
  for (let number = 0; number < positionsPerSecond * seconds; number++) {
    const dueMs = (number * 1_000) / positionsPerSecond;
    const aheadMs = before + dueMs - performance.now();
    // Timers are no finer; what is due meanwhile goes at once.
    if (aheadMs > 1) await sleep(aheadMs);
    const deviceId = deviceIds[number % deviceIds.length];
    const follows = number % followOneOf === followOneOf - 1;
    under.push(send(home, deviceId, Math.round(startMs + dueMs), follows));
  }
  return (await Promise.all(under)).filter((each) => each !== undefined);
};

const send = async (
  { apiUrl, devices }: MeasuredHome,
  deviceId: string,
  timestampMs: number,
  follows: boolean,
): Promise<number | undefined> => {
  const response = await fetch(`${apiUrl}/devices/${deviceId}/positions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ timestamp: new Date(timestampMs).toISOString(), latitude: 45, longitude: 13 }),
  });
  const answer = await response.text();
  if (response.status !== 202) throw new Error(`position of ${deviceId}: ${response.status} ${answer}`);
  if (!follows) return undefined;
  const acceptedMs = performance.now();
  for (;;) {
    const tail = (await devices.load([deviceId])).get(deviceId)?.tail;
    const waitedMs = performance.now() - acceptedMs;
    if (tail && tail.timestampsMs[tail.count - 1] >= timestampMs) return waitedMs;
    if (waitedMs > LATE_MILLISECONDS) throw new Error(`a position of ${deviceId} is not in its state`);
    await sleep(LOOK_MILLISECONDS);
  }
};
