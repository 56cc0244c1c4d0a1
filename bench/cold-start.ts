import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MANIFEST } from "../functions/manifest.ts";
import { bundleFunctions } from "../infra/bundle.ts";
import { environmentOf } from "../infra/engine/names.ts";
import { percentile, tenths } from "./percentile.ts";
import type { BenchTable } from "./report.ts";

const run = promisify(execFile);

export interface ColdStartOptions {
  /** Fresh processes per function. */
  readonly rounds?: number;
  /** Functions of the manifest; all by default. */
  readonly names?: readonly string[];
}

interface Start {
  /** From before the file is loaded until its module has run. */
  readonly importMs: number;
  /** From the start of the process to its end. */
  readonly processMs: number;
}

/**
 * The part of each function's cold start that we control: its bundle's size, and the time to load it in a
 * fresh process, compared with an empty file. The functions take turns, so a busy moment on the machine hits
 * all of them. The figures are medians.
 */
export const coldStartBench = async ({
  rounds = 11,
  names = MANIFEST.map(({ name }) => name),
}: ColdStartOptions = {}): Promise<BenchTable> => {
  const folder = await mkdtemp(join(tmpdir(), "backtrack-cold-start-"));
  try {
    const { functions } = await bundleFunctions({ outdir: folder, names });
    const empty = { name: "(empty file)", file: join(folder, "empty.js"), bytes: 0 };
    await writeFile(empty.file, "");
    const subjects = [empty, ...functions];
    const starts = new Map<string, Start[]>(subjects.map(({ name }) => [name, []]));
    for (let round = 0; round <= rounds; round++) {
      for (const { name, file } of subjects) {
        const start = await startOnce(file, environmentFor(name));
        // The first round brings the files into the disk cache.
        if (round > 0) starts.get(name)?.push(start);
      }
    }
    const medians = subjects.map(({ name, bytes }) => ({ name, bytes, ...medianOf(starts.get(name) ?? []) }));
    const [{ processMs: emptyMs }] = medians;
    return {
      name: "Cold start",
      columns: ["function", "bundle KB", "import ms", "process ms over the empty file"],
      rows: medians.map(({ name, bytes, importMs, processMs }) => [
        name,
        Math.round(bytes / 1024),
        tenths(importMs),
        tenths(processMs - emptyMs),
      ]),
      notes: [
        `Median of ${rounds} fresh processes each, Node ${process.versions.node}; an empty process takes ${tenths(emptyMs)} ms.`,
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const MEASURE =
  "const before = performance.now(); require(process.argv[1]); console.log(performance.now() - before); process.exit()";

const startOnce = async (file: string, env: Record<string, string>): Promise<Start> => {
  const before = performance.now();
  const { stdout } = await run(process.execPath, ["-e", MEASURE, file], { env });
  return { processMs: performance.now() - before, importMs: Number(stdout.trim().split("\n").at(-1)) };
};

/** Only what Lambda itself and the function's definition would set. */
const environmentFor = (name: string): Record<string, string> => {
  const definition = MANIFEST.find((each) => each.name === name);
  return {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    ...(definition && environmentOf(definition)),
  };
};

const medianOf = (starts: readonly Start[]): Start => ({
  importMs: percentile(
    starts.map(({ importMs }) => importMs),
    0.5,
  ),
  processMs: percentile(
    starts.map(({ processMs }) => processMs),
    0.5,
  ),
});
