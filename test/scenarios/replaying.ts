import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Client, ReplayAnswer } from "../api-client.ts";
import { readDrive } from "../drive.ts";
import { until } from "../stack-process.ts";
import { SAMPLE } from "../whole-track.ts";
import type { HomeOf } from "./home.ts";

/** Imports a file, unless that has been done, and replays it with its own timestamps. */
export const replayFile = async (
  client: Client,
  path: string,
  replay: { readonly deviceId: string; readonly rate: number },
): Promise<ReplayAnswer> => {
  const file = { mediaType: "text/csv", text: readFileSync(path, "utf8") };
  const { body } = await client.call<{ recordingId: string }>("POST", "/recordings?name=drive.csv", file);
  const { recordingId } = body;
  const created = await client.call<ReplayAnswer>("POST", "/replays", {
    recordingId,
    timestamps: "original",
    ...replay,
  });
  if (created.status !== 201) throw new Error(`no replay: ${JSON.stringify(created.body)}`);
  return created.body;
};

/** A replay that users control while it plays. */
export const replaying = (home: HomeOf): void => {
  test("a replay pauses, changes its rate and seeks over HTTP while it plays", async () => {
    const { client } = home();
    const deviceId = "controlled";
    const { replayId } = await replayFile(client, SAMPLE, { deviceId, rate: 20 });
    const path = `/replays/${replayId}`;
    const now = () => client.get<ReplayAnswer>(path);
    await until(now, ({ progress }) => progress.offsetSeconds > 20);

    expect((await client.call("PATCH", path, { paused: true })).status).toBe(200);
    const paused = await until(now, ({ status }) => status === "paused");
    expect(paused.rate).toBe(20);
    // The plan announced before the pause is played to its end. Then nothing moves, while another replay
    // plays.
    const countOf = async () => {
      const { progress } = await now();
      return {
        published: progress.positionsPublished,
        tracked: (await client.device(deviceId)).positionCount,
      };
    };
    const playWitness = async (witness: string): Promise<void> => {
      const { replayId: other } = await replayFile(client, SAMPLE, { deviceId: witness, rate: 1_000 });
      await until(
        () => client.get<ReplayAnswer>(`/replays/${other}`),
        ({ status }) => status === "finished",
      );
    };
    await playWitness("witness-of-the-plan");
    const still = await until(countOf, ({ published, tracked }) => published === tracked);
    await playWitness("witness-of-the-pause");
    expect(await countOf()).toEqual(still);

    expect((await client.call("PATCH", path, { paused: false, rate: 10_000, seek: 600 })).status).toBe(200);
    const finished = await until(now, ({ status }) => status === "finished");
    const rows = readDrive(SAMPLE);
    const after = rows.filter(({ timestampMs }) => timestampMs >= rows[0].timestampMs + 600_000);
    const expected = [...rows.slice(0, still.tracked), ...after];
    expect(finished.progress.positionsPublished).toBe(expected.length);
    const device = await until(
      () => client.device(deviceId),
      ({ positionCount }) => positionCount >= expected.length,
    );
    expect(device).toMatchObject({ positionCount: expected.length, latePositionCount: 0 });
    const { positions } = await client.track(deviceId);
    expect(positions.map(({ timestamp }) => Date.parse(timestamp))).toEqual(
      expected.map(({ timestampMs }) => timestampMs),
    );
  });
};
