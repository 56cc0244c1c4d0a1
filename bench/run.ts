import { fork } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { BENCHES } from "./benches.ts";
import { type BenchTable, formatTable } from "./report.ts";

const RESULTS = new URL("results/", import.meta.url);
const RUN_ONE = new URL("run-one.ts", import.meta.url);

const NAMES = Object.keys(BENCHES);
const USAGE = `Usage: npm run bench [-- NAME...]

Runs the benchmarks one after another, all or those named, prints a table of each, and writes bench/results/.

Names: ${NAMES.join(", ")}`;

/** One benchmark's result, and on what it was measured. */
interface Measured {
  readonly bench: string;
  readonly measuredAt: string;
  readonly seconds: number;
  readonly node: string;
  readonly processor: string;
  readonly table: BenchTable;
}

/** In a process of its own, so that no benchmark meets the heap, the compiled code or the servers of another. */
const runBench = (bench: string): Promise<BenchTable> =>
  new Promise((resolve, reject) => {
    const child = fork(RUN_ONE, [bench], {
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

const measure = async (bench: string): Promise<Measured> => {
  const startedMs = performance.now();
  const table = await runBench(bench);
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

const readNames = (): string[] => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const unknown = positionals.filter((name) => !NAMES.includes(name));
  if (unknown.length > 0)
    throw new Error(`there is no benchmark ${unknown.join(", ")}; there are ${NAMES.join(", ")}`);
  return positionals.length > 0 ? NAMES.filter((name) => positionals.includes(name)) : NAMES;
};

const main = async (): Promise<number> => {
  let names: string[];
  try {
    names = readNames();
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
  const measured: Measured[] = [];
  for (const name of names) {
    try {
      const result = await measure(name);
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
