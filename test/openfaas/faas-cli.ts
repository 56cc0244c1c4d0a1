import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DEPLOYED_GROUPS } from "../../infra/openfaas/groups.ts";
import { STACK_FILE } from "../../infra/openfaas/stack/stack-file.ts";
import { programOnPath } from "../program.ts";
import { ROOT } from "../stack-process.ts";

const PROGRAM = programOnPath("faas-cli");

/** Why tests with faas-cli can't run here, for `unless`; undefined when they can. */
export const WITHOUT_FAAS_CLI: string | undefined =
  PROGRAM === undefined ? "faas-cli is not on PATH: https://github.com/openfaas/faas-cli" : undefined;

export interface FaasCli {
  /** A copy of what faas-cli needs of the project. */
  readonly folder: string;
  write(path: string, text: string): void;
  run(...args: readonly string[]): {
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  };
}

/** faas-cli in a folder of its own, with stack.yml, the template and, for each group, a handler. */
export const faasCli = (handlers?: string): FaasCli => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-faas-"));
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  cpSync(join(ROOT, STACK_FILE), join(folder, STACK_FILE));
  cpSync(join(ROOT, "template"), join(folder, "template"), { recursive: true });
  if (handlers) cpSync(handlers, join(folder, "dist/openfaas"), { recursive: true });
  else for (const { name } of DEPLOYED_GROUPS) write(`dist/openfaas/${name}/index.js`, "");
  return {
    folder,
    write,
    run: (...args) => {
      if (PROGRAM === undefined) throw new Error(WITHOUT_FAAS_CLI);
      const options = {
        cwd: folder,
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: folder },
      } as const;
      const { status, stdout, stderr } = spawnSync(PROGRAM, args, options);
      return { code: status, stdout, stderr };
    },
  };
};
