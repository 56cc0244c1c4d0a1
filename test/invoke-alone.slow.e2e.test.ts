import { afterAll, expect, test } from "vitest";
import { runCommand, temporaryFolder } from "./stack-process.ts";

const folder = temporaryFolder();
afterAll(() => folder.remove());

test("without a stack `npm run invoke` brings its own, and ends it", async () => {
  const invoke = runCommand("invoke", ["get-device"], folder);
  expect(await invoke.ended()).toEqual({ code: 0, signal: null });
  const { statusCode, body } = JSON.parse(invoke.stdout());
  expect(statusCode).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ deviceId: "demo", positionCount: 878 });
});
