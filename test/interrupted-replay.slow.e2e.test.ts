import { existsSync } from "node:fs";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { clientOf } from "./api-client.ts";
import { readDrive } from "./drive.ts";
import { stackProcesses, temporaryFolder, until } from "./stack-process.ts";
import { REAL, SAMPLE, whole } from "./whole-track.ts";

/*
 * Replays on the real stack whose processes are killed: nothing is lost or doubled.
 */

const folder = temporaryFolder();
const { start, stopAll } = stackProcesses(folder);
afterAll(async () => {
  await stopAll();
  folder.remove();
});

describe("a replay that is interfered with", () => {
  afterEach(stopAll);

  test("kill -9 of the functions in the middle, twice, loses and doubles nothing", async () => {
    const drive = existsSync(REAL) ? REAL : SAMPLE;
    const rows = readDrive(drive);
    const stack = await start(
      drive,
      "--device",
      "car",
      "--rate",
      "150",
      "--timestamps",
      "original",
      "--copies",
      "2",
    );
    const client = clientOf(stack.apiUrl);
    for (const part of [0.2, 0.5]) {
      await until(
        () => client.device("car-1"),
        ({ positionCount }) => positionCount > rows.length * part,
      );
      const processId = stack.functionHostProcessId();
      process.kill(processId, "SIGKILL");
      await until(
        () => stack.functionHostProcessId(),
        (id) => id !== 0 && id !== processId,
      );
    }
    for (const deviceId of ["car-1", "car-2"]) {
      await whole(client, deviceId, rows.length);
      await until(
        () => client.replays(),
        ([replay]) => replay.status === "finished",
      );
      expect(await client.device(deviceId)).toMatchObject({
        positionCount: rows.length,
        latePositionCount: 0,
      });
      const { positions } = await client.track(deviceId);
      expect(positions.map(({ timestamp }) => Date.parse(timestamp))).toEqual(
        rows.map(({ timestampMs }) => timestampMs),
      );
    }
    expect(stack.stderr()).toContain("the functions' process ended (SIGKILL); restarting it");
  });

  test("kill -9 of everything, and a start on the same data folder, keeps everything and continues", async () => {
    const rows = readDrive(SAMPLE);
    const args = [
      SAMPLE,
      "--device",
      "car",
      "--rate",
      "60",
      "--timestamps",
      "original",
      "--data",
      folder.path("data"),
    ];
    const first = await start(...args);
    const before = await until(
      () => clientOf(first.apiUrl).device("car"),
      ({ positionCount }) => positionCount > rows.length / 4,
    );
    const host = first.functionHostProcessId();
    first.child.kill("SIGKILL");
    await first.ended();

    const second = await start(...args);
    const client = clientOf(second.apiUrl);
    expect(second.functionHostProcessId()).not.toBe(host);
    expect(second.stdout()).toContain("still replaying car at 60x");
    expect((await client.device("car")).positionCount).toBeGreaterThanOrEqual(before.positionCount);
    expect(await client.replays()).toHaveLength(1);
    const [{ replayId }] = await client.replays();
    await client.call("PATCH", `/replays/${replayId}`, { rate: 1000 });
    await whole(client, "car", rows.length);
    await until(
      () => client.replays(),
      ([replay]) => replay.status === "finished",
    );
    expect(await client.device("car")).toMatchObject({ positionCount: rows.length, latePositionCount: 0 });
    const { positions } = await client.track("car");
    expect(positions.map(({ timestamp }) => Date.parse(timestamp))).toEqual(
      rows.map(({ timestampMs }) => timestampMs),
    );
  });
});
