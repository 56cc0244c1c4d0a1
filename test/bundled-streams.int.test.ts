import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MANIFEST } from "../functions/manifest.ts";
import { type BundledStreams, type Bundles, bundleFunctions } from "../infra/bundle.ts";
import { bundleGroups } from "../infra/openfaas/bundle.ts";
import { requiredVariables } from "../lib/runtime/environment.ts";

const run = promisify(execFile);

const NAMES = MANIFEST.filter(({ publishesTo, stream }) => publishesTo || stream).map(({ name }) => name);
const CLIENTS = { kinesis: "@aws-sdk/client-kinesis", jetstream: "@nats-io/" } as const;

let outdir: string;
const bundles = {} as Record<BundledStreams, Bundles>;
beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), "backtrack-bundle-"));
  const bundle = (streams?: BundledStreams) =>
    bundleFunctions({ outdir: join(outdir, streams ?? "kinesis"), names: NAMES, streams });
  // What AWS gets is the default.
  bundles.kinesis = await bundle();
  bundles.jetstream = await bundle("jetstream");
  bundles.all = await bundle("all");
});
afterAll(() => rm(outdir, { recursive: true, force: true }));

/** The packages in the bundle of a function. */
const inputsOf = (streams: BundledStreams, name: string): string[] => {
  const [, output] =
    Object.entries(bundles[streams].metafile.outputs).find(([path]) => path.endsWith(`${name}/index.js`)) ??
    [];
  return Object.keys(output?.inputs ?? {});
};

/** What loading a bundle in a process of its own throws. */
const loading = async (streams: BundledStreams, name: string, stream: string): Promise<string> => {
  const definition = MANIFEST.find((one) => one.name === name);
  const variables = definition ? requiredVariables(definition) : [];
  const { stdout } = await run(
    process.execPath,
    [
      "-e",
      `try { require("./${streams}/${name}"); console.log("fine") } catch (error) { console.log(error.name + ": " + error.message) }
       process.exit()`,
    ],
    {
      cwd: outdir,
      env: {
        AWS_REGION: "eu-west-1",
        ...Object.fromEntries(variables.map((variable) => [variable, "1"])),
        ...definition?.environment,
        ACCESS: "keys",
        POSITIONS_STREAM: stream,
      },
    },
  );
  return stdout.trim();
};

describe("bundles and streams", () => {
  it("are about the functions that publish, and the one that the stream feeds", () => {
    expect(NAMES.toSorted()).toEqual(["accept-positions", "play-replay", "redrive-record", "track-devices"]);
  });

  it.each(NAMES)("%s holds the client of its stream and not the other's", (name) => {
    const has = (streams: BundledStreams, client: keyof typeof CLIENTS): boolean =>
      inputsOf(streams, name).some((path) => path.includes(CLIENTS[client]));
    expect([has("kinesis", "kinesis"), has("kinesis", "jetstream")]).toEqual([true, false]);
    expect([has("jetstream", "kinesis"), has("jetstream", "jetstream")]).toEqual([false, true]);
    expect([has("all", "kinesis"), has("all", "jetstream")]).toEqual([true, true]);
  });

  it("hold NATS' client and not Kinesis' in the groups for self-hosting, or both for a hybrid", async () => {
    const name = "backtrack-stream";
    for (const [streams, expected] of [
      [undefined, [false, true]],
      ["all", [true, true]],
    ] as const) {
      const [{ file }] = await bundleGroups({ outdir: join(outdir, "groups"), names: [name], streams });
      const metafile = await readFile(join(dirname(file), "metafile.json"), "utf8");
      expect([metafile.includes(CLIENTS.kinesis), metafile.includes(CLIENTS.jetstream)]).toEqual(expected);
    }
  });

  it.each([
    [
      "kinesis",
      "accept-positions",
      "nats://127.0.0.1:4222/positions",
      /^MisconfiguredError: .*bundled without/,
    ],
    ["kinesis", "track-devices", "nats://127.0.0.1:4222/positions", /^MisconfiguredError: .*bundled without/],
    ["jetstream", "accept-positions", "positions", /^MisconfiguredError: .*"positions".*nats:/],
    ["jetstream", "track-devices", "positions", /^MisconfiguredError: .*"positions".*nats:/],
    ["jetstream", "track-devices", "nats://127.0.0.1/", /^MisconfiguredError: .*stream's name/],
    // Nobody listens there, and nothing is connected to yet.
    ["jetstream", "accept-positions", "nats://127.0.0.1:9/positions", /^fine$/],
    ["jetstream", "track-devices", "tls://127.0.0.1:9/positions", /^fine$/],
    ["all", "redrive-record", "nats://127.0.0.1:9/positions", /^fine$/],
    ["all", "redrive-record", "positions", /^fine$/],
    ["kinesis", "accept-positions", "positions", /^fine$/],
  ] as const)("%s: %s with %s", async (streams, name, stream, outcome) => {
    expect(await loading(streams, name, stream)).toMatch(outcome);
  });
});
