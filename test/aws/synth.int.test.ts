import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { MANIFEST } from "../../functions/manifest.ts";
import type { Template } from "./synthesize.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
const output = mkdtempSync(join(tmpdir(), "backtrack-synth-"));
const templateFile = join(output, "backtrack-dev.template.json");

/** Runs the `cdk` of this project as a user would, without an account. */
const cdk = (...args: string[]): Promise<{ stdout: string; stderr: string }> =>
  run(process.execPath, [join(ROOT, "node_modules/aws-cdk/bin/cdk"), ...args], {
    cwd: ROOT,
    env: { PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`, HOME: output, CI: "true" },
  });

beforeAll(async () => {
  await cdk("synth", "--quiet", "--output", output);
});

afterAll(() => rmSync(output, { recursive: true, force: true }));

test("cdk synth makes a bundle of every function that starts with its environment", () => {
  const template: Template = JSON.parse(readFileSync(templateFile, "utf8"));
  const lambdas = Object.values(template.Resources).filter(({ Type }) => Type === "AWS::Lambda::Function");
  expect(lambdas).toHaveLength(MANIFEST.length);
  for (const { Properties, Metadata } of lambdas) {
    const folder = join(output, Metadata?.["aws:asset:path"] ?? "");
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["index.js", "index.js.map"]));
    for (const [name, value] of Object.entries(Properties.Environment.Variables)) {
      vi.stubEnv(name, typeof value === "string" ? value : "deployed");
    }
    // As in Lambda, no package.json says what kind of module it is.
    const { handler } = createRequire(join(folder, "index.js"))("./index.js");
    expect(handler, Properties.FunctionName).toBeTypeOf("function");
    vi.unstubAllEnvs();
  }
});

test("a wrong option ends the synthesis with one sentence that names it", async () => {
  const refused = await cdk("synth", "--quiet", "--output", output, "-c", "stage=Prod").catch(
    (error) => error,
  );
  expect(refused.stderr).toContain("backtrack: context stage=Prod is not valid: it must be up to 20 of");
  expect(refused.stderr).not.toMatch(/^\s+at /m);
});
