import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { runCommand } from "../command/command-line.ts";
import { failure } from "../command/failure.ts";
import { type BillOfMaterials, licenceProblems } from "./licences.ts";

/*
 * `npm run supply-chain`: what is deployed, under which licences, with which known vulnerabilities, and
 * whether a tracked file contains a secret. A check that can't run here, because a service does not answer,
 * says so and does not fail.
 */

const ROOT = resolve(import.meta.dirname, "../..");
const BILL = resolve(ROOT, "dist/sbom.cdx.json");
const SECRETLINT = "13.0.6";

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const run = async (command: string, args: readonly string[]): Promise<Ended> => {
  const options = { cwd: ROOT, maxBuffer: 256 * 1024 * 1024 };
  try {
    return { code: 0, ...(await promisify(execFile)(command, args, options)) };
  } catch (error) {
    const { code, stdout = "", stderr = "", message } = error as Error & Partial<Ended>;
    return { code: typeof code === "number" ? code : 1, stdout, stderr: stderr || message };
  }
};

const tell = (line: string): void => {
  process.stdout.write(`${line}\n`);
};
const lastLine = (text: string): string =>
  text
    .trim()
    .split("\n")
    .filter((line) => !line.includes("complete log"))
    .at(-1) ?? "";

const checkLicences = async (): Promise<string[]> => {
  const { code, stdout, stderr } = await run("npm", ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev"]);
  if (code !== 0) return [`npm sbom failed: ${lastLine(stderr)}`];
  const bill: BillOfMaterials = JSON.parse(stdout);
  mkdirSync(resolve(ROOT, "dist"), { recursive: true });
  writeFileSync(BILL, stdout);
  tell(`bill of materials: ${bill.components?.length ?? 0} packages, in dist/sbom.cdx.json`);
  const problems = licenceProblems(bill);
  if (problems.length === 0) tell("licences: all allowed");
  return problems.map((problem) => `licence not allowed: ${problem}`);
};

const checkVulnerabilities = async (): Promise<string[]> => {
  const { stdout, stderr } = await run("npm", ["audit", "--omit", "dev", "--json", "--audit=true"]);
  const report = parse(stdout);
  const counts = report?.metadata?.vulnerabilities;
  if (!counts) {
    const why = report?.message ?? report?.error?.summary ?? lastLine(stderr);
    tell(`known vulnerabilities: not checked, the registry does not answer: ${why}`);
    return [];
  }
  const serious = (counts.high ?? 0) + (counts.critical ?? 0);
  tell(`known vulnerabilities: ${counts.total ?? 0}, of which ${serious} high or critical`);
  return serious > 0
    ? [`${serious} high or critical vulnerabilities; \`npm audit --omit dev\` lists them`]
    : [];
};

interface AuditReport {
  readonly message?: string;
  readonly error?: { readonly summary?: string };
  readonly metadata?: { readonly vulnerabilities?: Readonly<Record<string, number | undefined>> };
}

const parse = (text: string): AuditReport | undefined => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** secretlint ends with 0 when it finds nothing and with 1 when it does. */
const checkSecrets = async (): Promise<string[]> => {
  const tracked = (await run("git", ["ls-files"])).stdout.trim().split("\n").filter(Boolean);
  if (tracked.length === 0) {
    tell("secrets: not checked, there is no git repository here");
    return [];
  }
  const packages = ["secretlint", "@secretlint/secretlint-rule-preset-recommend"];
  const { code, stdout, stderr } = await run("npm", [
    "exec",
    "--yes",
    ...packages.map((name) => `--package=${name}@${SECRETLINT}`),
    "--",
    "secretlint",
    ...["--secretlintrcJSON", JSON.stringify(RULES), "--maskSecrets", "--no-glob"],
    ...tracked,
  ]);
  if (code === 0) tell(`secrets: none in ${tracked.length} tracked files`);
  else if (/\berror\b.*\[|problems? \(/.test(stdout)) return [`secrets in tracked files:\n${stdout.trim()}`];
  else tell(`secrets: not checked, secretlint is not available here: ${lastLine(stderr)}`);
  return [];
};

const RULES = { rules: [{ id: "@secretlint/secretlint-rule-preset-recommend" }] };

const main = async (): Promise<void> => {
  const problems = [...(await checkLicences()), ...(await checkVulnerabilities()), ...(await checkSecrets())];
  if (problems.length > 0) throw failure(problems.join("\n"));
};

await runCommand(main);
