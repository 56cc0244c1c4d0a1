import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { watchChild } from "../children.ts";
import { ROOT } from "../stack-process.ts";

/** The access key of the tests' engines. */
export const ENGINE_CREDENTIALS = { accessKeyId: "TESTENGINE", secretAccessKey: "a-secret-of-the-tests" };

/** The token that the tests' engines call functions with. */
export const ENGINE_TOKEN = "a-token-of-the-tests";

/** A process of backtrack-engine. */
export interface EngineProcess {
  readonly endpoint: string;
  readonly operationsEndpoint: string;
  readonly child: ChildProcess;
  /** All that it has logged, line by line. */
  readonly lines: readonly string[];
  /** What /readyz says. */
  readiness(query?: string): Promise<{ readonly status: number; readonly body: Readiness }>;
  metrics(): Promise<string>;
  /** Sends a signal and resolves with how it ended. */
  end(signal: NodeJS.Signals): Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly draining: boolean;
  readonly roles: Readonly<Record<string, string>>;
  readonly store: string;
  readonly stream?: string;
}

export interface EngineProcessOptions {
  readonly environment: Readonly<Record<string, string>>;
  /** Default: the engine's source. */
  readonly program?: string;
  readonly folder?: string;
}

/** Starts an engine on free ports; resolves when it serves. Rejects with what it said when it ends before. */
export const startEngineProcess = async ({
  environment,
  program = join(ROOT, "infra/engine/engine.ts"),
  folder = ROOT,
}: EngineProcessOptions): Promise<EngineProcess> => {
  const child = spawn(process.execPath, [program], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: ENGINE_CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ENGINE_CREDENTIALS.secretAccessKey,
      ENGINE_PORT: "0",
      ENGINE_OPERATIONS_PORT: "0",
      ...environment,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  watchChild(child);
  const lines: string[] = [];
  const ended = once(child, "exit").then(([code, signal]) => ({ code, signal }));
  const serving = new Promise<RegExpExecArray>((resolve) => {
    if (!child.stderr) return;
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      const found = /serving (\S+) and (\S+) as/.exec(line);
      if (found) resolve(found);
    });
  });
  const [, endpoint, operationsEndpoint] = await Promise.race([
    serving,
    ended.then(({ code }) => {
      throw new Error(`the engine ended with ${code}: ${lines.join("\n")}`);
    }),
  ]);
  return {
    endpoint,
    operationsEndpoint,
    child,
    lines,
    async readiness(query = "") {
      const answer = await fetch(`${operationsEndpoint}/readyz${query}`);
      return { status: answer.status, body: (await answer.json()) as Readiness };
    },
    metrics: async () => (await fetch(`${operationsEndpoint}/metrics`)).text(),
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
};

/** A folder of secrets with the token in it. */
export const secretsFolder = (): { readonly path: string; remove(): void } => {
  const path = mkdtempSync(join(tmpdir(), "backtrack-secrets-"));
  writeFileSync(join(path, "backtrack-invoke-token"), ENGINE_TOKEN);
  return { path, remove: () => rmSync(path, { recursive: true }) };
};
