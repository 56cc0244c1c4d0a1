import { expect, test } from "vitest";
import type { ReplayAnswer } from "../api-client.ts";
import { until } from "../stack-process.ts";
import type { HomeOf } from "./home.ts";
import { samplePart } from "./sample-part.ts";

interface ScheduleAnswer {
  readonly nextRun?: { readonly at: string; readonly replayId: string };
}

/** Local time in UTC, this many seconds from now. */
export const inSeconds = (seconds: number): string =>
  new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19);

/** A replay that a schedule starts. */
export const scheduling = (home: HomeOf): void => {
  test("a replay starts on time, under the announced id, and plays", async () => {
    const { client } = home();
    const file = { mediaType: "text/csv", text: samplePart(300, 878) };
    const { body } = await client.call<{ recordingId: string }>("POST", "/recordings?name=scheduled", file);
    const put = await client.call<ScheduleAnswer>("PUT", "/replay-schedules/soon", {
      at: inSeconds(3),
      replay: { recordingId: body.recordingId, deviceId: "scheduled-van", rate: 100 },
    });
    expect(put.status).toBe(201);
    const path = `/replays/${put.body.nextRun?.replayId}`;
    expect((await client.call("GET", path)).status).toBe(404);
    const played = await until(
      () => client.get<ReplayAnswer>(path),
      ({ progress }) => (progress?.positionsPublished ?? 0) > 0,
    );
    expect(played).toMatchObject({ status: "playing", rate: 100 });
    const after = await client.get<ScheduleAnswer>("/replay-schedules/soon");
    expect(after).toMatchObject({ name: "soon" });
    expect(after.nextRun).toBeUndefined();
    expect((await client.call("DELETE", path)).status).toBe(204);
  });
};
