import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Stack, startStack } from "../infra/local/stack/stack.ts";
import { clientOf } from "./api-client.ts";
import { ONLY_THOROUGH } from "./property-runs.ts";
import { importsOf } from "./scenarios/importing.ts";
import { samplePart } from "./scenarios/sample-part.ts";
import { temporaryFolder, until } from "./stack-process.ts";
import { unless } from "./unless.ts";

/* Files in a real stack's inbox, over restarts. What happens to each of them is a scenario. */

const folder = temporaryFolder();
const dataFolder = folder.path("data");
let stack: Stack | undefined;
const start = async (): Promise<void> => {
  stack = await startStack({ dataFolder, say: () => {} });
};
afterAll(async () => {
  await stack?.stop();
  folder.remove();
});
const imports = () => importsOf(clientOf(stack?.address.apiUrl ?? ""));

describe("after a restart", unless(ONLY_THOROUGH), () => {
  test("imported files are not imported again, but a new version is", async () => {
    const inbox = join(dataFolder, "inbox");
    mkdirSync(inbox, { recursive: true });
    writeFileSync(join(inbox, "good.csv"), samplePart(0, 100));
    writeFileSync(join(inbox, "bad.csv"), "time,place\n1,2\n");
    await start();
    const before = await until(
      imports,
      (tasks) => tasks.length === 2 && tasks.every(({ status }) => status !== "REQUESTED"),
    );
    await stack?.stop();
    await start();
    writeFileSync(join(inbox, "bad.csv"), "timestamp,latitude,longitude\n1773475200,46.05,14.5\n");
    await until(imports, (tasks) => tasks.filter(({ status }) => status === "DONE").length === 2);
    const after = await imports();
    expect(after).toHaveLength(before.length + 1);
    expect(after).toEqual(expect.arrayContaining([...before]));
  });
});
