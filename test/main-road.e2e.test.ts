import { existsSync } from "node:fs";
import { afterAll, describe } from "vitest";
import { clientOf } from "./api-client.ts";
import { trackedDrive } from "./scenarios/tracked-drive.ts";
import { stackProcesses, temporaryFolder } from "./stack-process.ts";
import { unless } from "./unless.ts";
import { DRIVES, NO_REAL_DRIVE } from "./whole-track.ts";

/*
 * The main job, end to end: the stack as `npm start` runs it, a recorded drive through import, replay, stream
 * and tracking, and back out of the API. Once with the project's own drive and once with a real one, if there
 * is one.
 */

const folder = temporaryFolder();
const { start, stopAll } = stackProcesses(folder);
afterAll(async () => {
  await stopAll();
  folder.remove();
});

for (const { drive, path, positions } of DRIVES) {
  describe(drive, unless(existsSync(path) ? undefined : NO_REAL_DRIVE), () => {
    trackedDrive({
      path,
      deviceId: "car",
      positions,
      async play() {
        const stack = await start(path, "--device", "car", "--timestamps", "original", "--rate", "1000");
        return clientOf(stack.apiUrl);
      },
    });
    afterAll(stopAll);
  });
}
