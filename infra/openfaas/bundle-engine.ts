import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { build } from "esbuild";
import { BUNDLE_SETTINGS, ROOT } from "../bundle.ts";

/** Where the engine's bundle goes by default. */
export const ENGINE_BUNDLE = join(ROOT, "dist", "engine");

/**
 * Bundles the engine, with the workflows' definitions in it, into `<outdir>/index.js`: one file that
 * `node index.js` runs in an empty folder. Returns its absolute path and size.
 */
export const bundleEngine = async (
  outdir = ENGINE_BUNDLE,
): Promise<{ readonly file: string; readonly bytes: number }> => {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, "package.json"), '{ "type": "commonjs" }\n');
  await build({
    ...BUNDLE_SETTINGS,
    entryPoints: [{ in: join(ROOT, "infra/engine/engine.ts"), out: "index" }],
    outdir,
  });
  const file = join(outdir, "index.js");
  return { file, bytes: (await stat(file)).size };
};

/** `node infra/openfaas/bundle-engine.ts [--outdir DIR]` */
const main = async (): Promise<void> => {
  const program = new Command("bundle:engine")
    .description("Bundles the self-hosted engine into one minified file.")
    .option("--outdir <dir>", "where to put index.js", ENGINE_BUNDLE)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .parse();
  const { file, bytes } = await bundleEngine(resolve(program.opts<{ outdir: string }>().outdir));
  console.log(`${(bytes / 1024).toFixed(0).padStart(6)} KB  ${relative(process.cwd(), file)}`);
};

if (import.meta.main) {
  await main().catch((error: Error) => {
    console.error(`bundle: ${error.message}`);
    process.exitCode = 1;
  });
}
