import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BundledFunction, bundleFunctions } from "./bundle.ts";

const run = promisify(execFile);

let outdir: string;
let functions: readonly BundledFunction[];
beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), "backtrack-bundle-"));
  ({ functions } = await bundleFunctions({ outdir, names: ["get-health", "get-device"] }));
});
afterAll(() => rm(outdir, { recursive: true, force: true }));

/** Runs a script in a process that has nothing but the bundles. */
const inFreshProcess = async (script: string): Promise<unknown> => {
  const { stdout } = await run(process.execPath, ["-e", script], {
    cwd: outdir,
    env: { AWS_REGION: "eu-west-1" },
  });
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
};

describe("bundleFunctions", () => {
  it("makes one file of each function, with a source map beside it", async () => {
    expect(functions.map(({ name }) => name)).toEqual(["get-health", "get-device"]);
    for (const { file, bytes } of functions) {
      expect((await readFile(file)).length).toBe(bytes);
      const map = JSON.parse(await readFile(`${file}.map`, "utf8"));
      expect(map.sources).toContainEqual(expect.stringMatching(/functions\/\w+\/get-\w+\/handler\.ts$/));
    }
  });

  it("makes files that need nothing else to run", async () => {
    const event = {
      version: "2.0",
      routeKey: "GET /healthz",
      rawPath: "/healthz",
      rawQueryString: "",
      headers: {},
      requestContext: {
        http: { method: "GET", path: "/healthz" },
        requestId: "r1",
        routeKey: "GET /healthz",
      },
      isBase64Encoded: false,
    };
    const answer = await inFreshProcess(
      `require("./get-health").handler(${JSON.stringify(event)}, { awsRequestId: "r1", functionName: "get-health" })
        .then((answer) => console.log(JSON.stringify(answer)))`,
    );
    expect(answer).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' });
  });

  it("keeps the names of errors, which workflows match", async () => {
    const error = await inFreshProcess(
      `try { require("./get-device") } catch ({ name, message }) { console.log(JSON.stringify({ name, message })) }`,
    );
    expect(error).toMatchObject({
      name: "MisconfiguredError",
      message: expect.stringContaining("DEVICES_TABLE"),
    });
  });

  it("refuses a function that does not exist", async () => {
    await expect(bundleFunctions({ outdir, names: ["get-health", "get-rich"] })).rejects.toThrow("get-rich");
  });
});
