import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { MANIFEST, ROOMS } from "../../functions/manifest.ts";
import { constructId } from "../../infra/aws/construct-id.ts";
import { mergeNested, type Template } from "../../infra/aws/merge-nested.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
const output = mkdtempSync(join(tmpdir(), "backtrack-synth-"));

/** Runs the `cdk` of this project as a user would, without an account. */
const cdk = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [join(ROOT, "node_modules/aws-cdk/bin/cdk"), ...args], {
    cwd: ROOT,
    env: { PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`, HOME: output, CI: "true" },
  });

const readTemplate = (file: string): Template => JSON.parse(readFileSync(join(output, file), "utf8"));
let told: string;

beforeAll(async () => {
  ({ stderr: told } = await cdk("synth", "--quiet", "--output", output));
});

afterAll(() => rmSync(output, { recursive: true, force: true }));

test("cdk synth makes a bundle for every function, which starts with the template's environment", () => {
  const { Resources } = mergeNested(readTemplate("backtrack-dev.template.json"), readTemplate);
  const lambdas = Object.values(Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  expect(lambdas).toHaveLength(MANIFEST.length);
  for (const { Properties, Metadata } of lambdas) {
    const folder = join(output, Metadata?.["aws:asset:path"] ?? "");
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["index.js", "index.js.map"]));
    for (const [name, value] of Object.entries(Properties.Environment.Variables)) {
      vi.stubEnv(name, typeof value === "string" ? value : "deployed");
    }
    // As in Lambda, no package.json gives the module type.
    const { handler } = createRequire(join(folder, "index.js"))("./index.js");
    expect(handler, Properties.FunctionName).toBeTypeOf("function");
    vi.unstubAllEnvs();
  }
});

test("cdk synth says how much room each stack has left", () => {
  for (const { name } of ROOMS)
    expect(told).toMatch(new RegExp(`^${constructId(name)}Stack( +\\d+){6}$`, "m"));
});

test("a wrong option ends the synthesis with one sentence that names it", async () => {
  const refused = await cdk("synth", "--quiet", "--output", output, "-c", "stage=Prod").catch(
    (error) => error,
  );
  expect(refused.stderr).toContain("backtrack: context stage=Prod is not valid: it must be up to 20 of");
  expect(refused.stderr).not.toMatch(/^\s+at /m);
});
