import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../stack-process.ts";
import { reportNeeds } from "./needs.ts";

/*
 * `npm run test:openfaas`: says which programs the tests of self-hosting use and which are missing, and runs
 * the tests. What needs a missing program is skipped. Arguments are passed on to vitest.
 */

for (const line of reportNeeds()) process.stdout.write(`${line}\n`);
const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
const child = spawn(
  process.execPath,
  [vitest, "run", "--project", "openfaas", "--passWithNoTests", ...process.argv.slice(2)],
  { cwd: ROOT, stdio: "inherit" },
);
const [code] = await once(child, "exit");
process.exitCode = code ?? 1;
