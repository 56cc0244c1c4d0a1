import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand, say } from "../../infra/command/command-line.ts";
import { installPythonPackage, NoPythonPackageError } from "../../infra/python-package.ts";
import { startOwnStack } from "../attack/own-stack.ts";
import { ROOT } from "../stack-process.ts";

/*
 * `npm run fuzz:contract`: Schemathesis (MIT, from PyPI) sends a fresh stack what its OpenAPI document allows
 * and what it forbids, with a key and without, for a bounded time. No answer may be a failure of the service,
 * or differ from the document. Without Python or the package, it says so and passes.
 */

const PACKAGE = "schemathesis==4.32.5";
/** With a key. Without one the answers are nearly all the same. */
const SECONDS = { withKey: 75, withoutKey: 25 };
/** After that it is stuck, and is killed. */
const GRACE_SECONDS = 60;

/**
 * Left out: positive_data_acceptance (what fits a schema may still name a recording that does not exist, or a
 * moment in the future), unsupported_method and allow_header_conformance (a gateway answers 404 and not 405:
 * docs/decisions/0012), ignored_auth (the run without a key is that test).
 */
const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
  "negative_data_rejection",
  "missing_required_header",
];

/** A URL that is too long is refused before anything looks at its parameters. */
const SETTINGS = `[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 406, 409, 413, 414, 415, 422, 429, 431]
`;

interface Run {
  readonly name: string;
  readonly apiUrl: string;
  readonly key?: string;
  readonly checks: readonly string[];
  readonly seconds: number;
  readonly folder: string;
}

/** Resolves with true when it found nothing. One worker: Hypothesis is not safe to share between threads. */
const fuzz = async (program: string, run: Run): Promise<boolean> => {
  say(`contract: ${run.name}, ${run.seconds} s`);
  const child = spawn(
    program,
    [
      "run",
      `${run.apiUrl}/openapi.json`,
      ...["--checks", run.checks.join(",")],
      ...["--phases", "coverage,fuzzing", "--max-examples", "20", "--max-time", String(run.seconds)],
      ...["--workers", "1", "--seed", "1", "--continue-on-failure", "--no-shrink"],
      ...["--suppress-health-check", "all", "--warnings", "off"],
      ...(run.key === undefined ? [] : ["--header", `Authorization: Bearer ${run.key}`]),
    ],
    { cwd: run.folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), (run.seconds + GRACE_SECONDS) * 1000);
  const [code] = await once(child, "close");
  clearTimeout(timer);
  // Its own output only where it matters, and never a line of a megabyte.
  const lines = output.split("\n").map((line) => line.slice(0, 300));
  process.stdout.write(`${(code === 0 ? lines.slice(-12) : lines).join("\n")}\n`);
  return code === 0;
};

const main = async (): Promise<void> => {
  let programs: string;
  try {
    programs = await installPythonPackage(join(ROOT, ".backtrack"), PACKAGE, "schemathesis");
  } catch (error) {
    if (!(error instanceof NoPythonPackageError)) throw error;
    say(`contract: SKIPPED: ${error.message}`);
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), "backtrack-contract-"));
  await writeFile(join(folder, "schemathesis.toml"), SETTINGS);
  const stack = await startOwnStack();
  try {
    const program = join(programs, "schemathesis");
    const common = { apiUrl: stack.apiUrl, folder };
    const withKey = {
      ...common,
      name: "with a key",
      key: stack.key,
      checks: CHECKS,
      seconds: SECONDS.withKey,
    };
    // Without a key, 401 is the right answer to both good and bad data.
    const checks = CHECKS.filter((check) => check !== "negative_data_rejection");
    const withoutKey = { ...common, name: "without a key", checks, seconds: SECONDS.withoutKey };
    const found = [await fuzz(program, withKey), await fuzz(program, withoutKey)];
    const isClean = found.every(Boolean);
    say(isClean ? "contract: CLEAN" : "contract: FAILED: see above");
    process.exitCode = isClean ? 0 : 1;
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

await runCommand(main);
