import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import { folderOf, MANIFEST, SELF_HOSTED } from "../functions/manifest.ts";

export const ROOT = resolve(import.meta.dirname, "..");

const STREAMS = join(ROOT, "lib", "adapters", "streams");

/** Where bundles go by default: `dist/functions/<name>/index.js`. */
export const BUNDLES = join(ROOT, "dist", "functions");

export interface BundleOptions {
  /** Default: BUNDLES. */
  readonly outdir?: string;
  /** Functions of the manifest; default: all of them. */
  readonly names?: readonly string[];
  /** The streams whose clients are in the bundles. Default: Kinesis, as on AWS. */
  readonly streams?: BundledStreams;
}

export const STREAM_CHOICES = ["kinesis", "jetstream", "all"] as const;
export type BundledStreams = (typeof STREAM_CHOICES)[number];

export interface BundledFunction {
  readonly name: string;
  /** Absolute path of the one file that runs; it exports `handler`. A source map lies beside it. */
  readonly file: string;
  readonly bytes: number;
}

export interface Bundles {
  readonly functions: readonly BundledFunction[];
  /**
   * What each file consists of, for https://esbuild.github.io/analyze; also written to
   * `<outdir>/metafile.json`.
   */
  readonly metafile: Metafile;
}

/** How everything that runs outside a laptop is bundled, of esbuild's options. */
export const BUNDLE_SETTINGS = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: "node",
  target: "node24",
  // CommonJS starts faster than ES modules, but only the SDK's ES modules can be tree-shaken.
  format: "cjs",
  mainFields: ["module", "main"],
  minify: true,
  // An error's class name is what a workflow's ErrorEquals matches.
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: "external",
  metafile: true,
  logLevel: "warning",
} as const satisfies BuildOptions;

/**
 * Bundles each function with everything that it imports into one minified CommonJS file, for Lambda's Node 24
 * and compatible hosts. Raises an error for a name that is not in the manifest.
 */
export const bundleFunctions = async ({
  outdir = BUNDLES,
  names = MANIFEST.map(({ name }) => name),
  streams = "kinesis",
}: BundleOptions = {}): Promise<Bundles> => {
  const known = new Set([...MANIFEST, ...SELF_HOSTED].map(({ name }) => name));
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0) throw new Error(`not in functions/manifest.ts: ${unknown.join(", ")}`);
  await Promise.all(names.map((name) => rm(join(outdir, name), { recursive: true, force: true })));
  await mkdir(outdir, { recursive: true });
  // Otherwise Node would load the files as ES modules, like the rest of this project.
  await writeFile(join(outdir, "package.json"), '{ "type": "commonjs" }\n');

  const { metafile } = await build({
    entryPoints: names.map((name) => ({
      in: join(ROOT, folderOf(name), "handler.ts"),
      out: join(name, "index"),
    })),
    outdir,
    ...BUNDLE_SETTINGS,
    plugins: [onlyStreams(streams)],
  });
  await writeFile(join(outdir, "metafile.json"), JSON.stringify(metafile));

  const functions = await Promise.all(
    names.map(async (name) => {
      const file = join(outdir, name, "index.js");
      return { name, file, bytes: (await stat(file)).size };
    }),
  );
  return { functions, metafile };
};

/**
 * An esbuild plugin that leaves the client of the other stream out of a bundle: in the place of its module in
 * lib/adapters/streams comes one that refuses its addresses.
 */
export const onlyStreams = (streams: BundledStreams): Plugin => ({
  name: "only-streams",
  setup({ onResolve }) {
    if (streams === "all") return;
    const other = streams === "kinesis" ? "jetstream" : "kinesis";
    onResolve({ filter: new RegExp(`^\\./${other}\\.ts$`) }, ({ resolveDir }) =>
      resolveDir === STREAMS ? { path: join(STREAMS, `without-${other}.ts`) } : undefined,
    );
  },
});

/** `node infra/bundle.ts [--outdir DIR] [NAME...]` */
const main = async (): Promise<void> => {
  const program = new Command("bundle")
    .description("Bundles each function into one minified file.")
    .argument("[names...]", "functions of the manifest (default: all)")
    .option("--outdir <dir>", "where to put <name>/index.js", BUNDLES)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse();
  const names: string[] = program.args;
  const { functions } = await bundleFunctions({
    outdir: resolve(program.opts<{ outdir: string }>().outdir),
    ...(names.length > 0 && { names }),
  });
  for (const { file, bytes } of functions) {
    console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${relative(process.cwd(), file)}`);
  }
};

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(`bundle: ${error.message}`);
    process.exitCode = 1;
  });
}
