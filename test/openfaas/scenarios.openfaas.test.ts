import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe } from "vitest";
import { WITHOUT_NATS } from "../nats-server.ts";
import type { Home } from "../scenarios/home.ts";
import { importing } from "../scenarios/importing.ts";
import { keyHolders } from "../scenarios/key-holders.ts";
import { quarantine } from "../scenarios/quarantine.ts";
import { redriving } from "../scenarios/redriving.ts";
import { replayFile, replaying } from "../scenarios/replaying.ts";
import { scheduling } from "../scenarios/scheduling.ts";
import { speedTasks } from "../scenarios/speed-tasks.ts";
import { trackedDrive } from "../scenarios/tracked-drive.ts";
import { unless } from "../unless.ts";
import { DRIVES, NO_REAL_DRIVE } from "../whole-track.ts";
import { selfHostedHome } from "./home.ts";
import { type SelfHosted, startSelfHosted } from "./self-hosted.ts";

/*
 * The scenarios of `npm start`, self-hosted: NATS, the embedded store, the engine and the functions' groups,
 * each a process, and every request through a gateway, with a key.
 */

describe("self-hosted", unless(WITHOUT_NATS), () => {
  let hosted: SelfHosted;
  let home: Home;
  beforeAll(async () => {
    hosted = await startSelfHosted();
    home = selfHostedHome(hosted);
  });
  afterAll(() => hosted?.stop());

  // First, while no other device is heard: the course's endpoints answer for the one that was heard last.
  for (const [index, { drive, path, positions }] of DRIVES.entries()) {
    describe(drive, unless(existsSync(path) ? undefined : NO_REAL_DRIVE), () =>
      trackedDrive({
        path,
        deviceId: `car-${index}`,
        positions,
        async play() {
          await replayFile(home.client, path, { deviceId: `car-${index}`, rate: 1_000 });
          return home.client;
        },
      }),
    );
  }
  describe("importing", () => importing(() => home));
  describe("replaying", () => replaying(() => home));
  describe("tasks", () => speedTasks(() => home));
  describe("schedules", () => scheduling(() => home));
  describe("quarantine", () => quarantine(() => home));
  describe("redrive", () => redriving(() => home));
  describe("keys", () => keyHolders(() => home));
});
