import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { programOnPath } from "../program.ts";
import { unless } from "../unless.ts";
import { ARRIVALS, WHO_ANSWERS } from "./who-answers.ts";

const GATEWAY = programOnPath("gateway");

const missing = (): string | undefined => {
  if (GATEWAY === undefined) return "gateway is not on PATH";
  const canUnshare = process.getuid?.() === 0 && programOnPath("unshare") && programOnPath("ip");
  return canUnshare ? undefined : "needs root, unshare and ip: the gateway's ports can't be chosen";
};

test("the real gateway answers, and passes paths on, as its stand-in does", unless(missing()), async () => {
  const script = fileURLToPath(new URL("./ask-real-gateway.ts", import.meta.url));
  const { stdout } = await promisify(execFile)("unshare", [
    "--net",
    ...["sh", "-c", 'ip link set lo up && exec "$0" "$@"', process.execPath, script, GATEWAY ?? ""],
  ]);
  const { arrivals, answers } = JSON.parse(stdout);
  expect(arrivals).toEqual(Object.fromEntries(ARRIVALS));
  for (const { situation, status, answeredBy } of WHO_ANSWERS) {
    const found = answers[situation];
    if (found)
      expect({ situation, ...found }).toMatchObject({ situation, status, ...(answeredBy && { answeredBy }) });
  }
  expect(Object.keys(answers)).toHaveLength(3);
});
