import { spawn } from "node:child_process";
import { join } from "node:path";
import { observe, ROOT, until } from "../stack-process.ts";

/** `npm run store -- serve` as a process of its own, asked with this access key. */
export const STORE_KEY = { AWS_ACCESS_KEY_ID: "store-test", AWS_SECRET_ACCESS_KEY: "a secret of the test" };

export const startStoreProcess = async (dataFolder: string, ...more: readonly string[]) => {
  const args = ["infra/store/store.ts", "serve", "--data", dataFolder, "--port", "0", ...more];
  const child = spawn(join(ROOT, "node_modules/.bin/node"), args, {
    cwd: ROOT,
    env: { ...process.env, ...STORE_KEY, BACKTRACK_ENDS_WITH_INPUT: "yes" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const observed = observe(child);
  const said = await until(observed.stderr, (text) => /listens at|backtrack: (?!store)/.test(text), {
    deadlineMs: 30_000,
  });
  const [, url = ""] = /listens at (\S+)/.exec(said) ?? [];
  return { ...observed, child, url, said };
};
