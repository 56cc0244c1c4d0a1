import { fork } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { BENCHES, type BenchSettings } from "./benches.ts";
import { type BenchTable, formatTable } from "./report.ts";

const RESULTS = new URL("results/", import.meta.url);
const RUN_ONE = new URL("run-one.ts", import.meta.url);

const NAMES = Object.keys(BENCHES);
const USAGE = `Usage: npm run bench [-- NAME... [--minutes NUMBER]]

Runs the benchmarks one after another, all or those named, prints a table of each, and writes bench/results/.

Names: ${NAMES.join(", ")}

  --minutes NUMBER  how long memory runs (default: 2)`;

/** One benchmark's result, and the machine it was measured on. */
interface Measured {
  readonly bench: string;
  readonly measuredAt: string;
  readonly seconds: number;
  readonly node: string;
  readonly processor: string;
  readonly table: BenchTable;
}

/** In its own process, so no benchmark meets another's heap, compiled code or servers. */
const runBench = (bench: string, settings: BenchSettings): Promise<BenchTable> =>
  new Promise((resolve, reject) => {
    const child = fork(RUN_ONE, [bench, JSON.stringify(settings)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
    let table: BenchTable | undefined;
    child.on("message", (message) => {
      table = message as BenchTable;
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (table && code === 0) resolve(table);
      else reject(new Error(`benchmark ${bench} failed (${signal ?? `exit code ${code}`})`));
    });
  });

const measure = async (bench: string, settings: BenchSettings): Promise<Measured> => {
  const startedMs = performance.now();
  const table = await runBench(bench, settings);
  return {
    bench,
    measuredAt: new Date().toISOString(),
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    node: process.version,
    processor: `${cpus().length} x ${cpus()[0]?.model.trim() ?? "unknown"}`,
    table,
  };
};

const readLatest = async (): Promise<Measured[]> => {
  try {
    return JSON.parse(await readFile(new URL("latest.json", RESULTS), "utf8"));
  } catch {
    return [];
  }
};

/** The date's file holds this run; latest.json the newest result of every benchmark. */
const save = async (measured: readonly Measured[]): Promise<void> => {
  await mkdir(RESULTS, { recursive: true });
  const write = (name: string, results: readonly Measured[]): Promise<void> =>
    writeFile(new URL(name, RESULTS), `${JSON.stringify(results, null, 2)}\n`);
  await write(`${new Date().toISOString().replaceAll(":", "").slice(0, 17)}Z.json`, measured);
  const all = [...(await readLatest()), ...measured];
  await write(
    "latest.json",
    NAMES.flatMap((name) => all.findLast(({ bench }) => bench === name) ?? []),
  );
};

const readArguments = (): { readonly names: readonly string[]; readonly settings: BenchSettings } => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" }, minutes: { type: "string" } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const unknown = positionals.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0)
    throw new Error(`there is no benchmark ${unknown.join(", ")}; there are ${NAMES.join(", ")}`);
  const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
  if (minutes !== undefined && !(minutes > 0 && minutes <= 24 * 60))
    throw new Error(`--minutes ${values.minutes}: must be above 0 and at most a day`);
  const names = positionals.length > 0 ? NAMES.filter((name) => positionals.includes(name)) : NAMES;
  return { names, settings: { minutes } };
};

const main = async (): Promise<number> => {
  let chosen: ReturnType<typeof readArguments>;
  try {
    chosen = readArguments();
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
  const { names, settings } = chosen;
  const measured: Measured[] = [];
  for (const name of names) {
    try {
      const result = await measure(name, settings);
      measured.push(result);
      console.log(formatTable(result.table));
    } catch (error) {
      console.error(`bench: ${error instanceof Error ? error.message : error}`);
    }
  }
  if (measured.length > 0) await save(measured);
  return measured.length === names.length ? 0 : 1;
};

process.exitCode = await main();
