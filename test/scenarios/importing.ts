import { expect, test } from "vitest";
import type { Client } from "../api-client.ts";
import { until } from "../stack-process.ts";
import type { HomeOf } from "./home.ts";
import { samplePart } from "./sample-part.ts";

/** The parts that the tests read. */
interface TaskAnswer {
  readonly taskId: string;
  readonly status: string;
  readonly reason?: string;
  readonly file: { readonly key: string };
  readonly result?: {
    readonly recordingId: string;
    readonly positionCount: number;
    readonly created: boolean;
  };
  readonly links?: { readonly recording: string };
}

interface RecordingAnswer {
  readonly recordingId: string;
  readonly name: string;
  readonly positionCount: number;
}

export const importsOf = async (client: Client): Promise<readonly TaskAnswer[]> =>
  (await client.get<{ tasks: TaskAnswer[] }>("/tasks?kind=import")).tasks;

/** The import of a file of the inbox, once it has ended. */
const importOf = (client: Client, key: string): Promise<TaskAnswer | undefined> =>
  until(
    async () => (await importsOf(client)).find(({ file }) => file.key === key),
    (task) => task !== undefined && task.status !== "REQUESTED",
    { deadlineMs: 60_000 },
  );

/** A recorded drive becomes a recording: over HTTP, and from the inbox. */
export const importing = (home: HomeOf): void => {
  test("a drive is imported over HTTP, once", async () => {
    const { client } = home();
    const file = { mediaType: "text/csv", text: samplePart(0, 100) };
    const created = await client.call<RecordingAnswer>("POST", "/recordings?name=over-http.csv", file);
    expect(created).toMatchObject({ status: 201, body: { name: "over-http.csv", positionCount: 100 } });
    const { recordingId } = created.body;
    expect(created.headers.get("location")).toMatch(new RegExp(`/recordings/${recordingId}$`));
    const again = await client.call<RecordingAnswer>("POST", "/recordings?name=over-http.csv", file);
    expect(again).toMatchObject({ status: 200, body: { recordingId, name: "over-http.csv" } });
    expect(await client.get(`/recordings/${recordingId}`)).toMatchObject({ positionCount: 100 });
  });

  test("a file becomes a recording that can be replayed, and a bad one says what is wrong with it", async () => {
    const { client, putFile } = home();
    await putFile("fleet/van 7.csv", samplePart(100, 300));
    await putFile("bad.csv", "time,place\n1,2\n");

    const good = await importOf(client, "fleet/van 7.csv");
    expect(good).toMatchObject({ status: "DONE", result: { created: true, rejectedRowCount: 0 } });
    const recording = await client.get<RecordingAnswer>(good?.links?.recording ?? "");
    expect(recording).toMatchObject({ name: "van 7.csv", positionCount: 200 });
    const { recordingId } = good?.result ?? {};
    const replay = await client.call<{ status: string }>("POST", "/replays", { recordingId, rate: 1_000 });
    expect(replay.status).toBe(201);

    const bad = await importOf(client, "bad.csv");
    expect(bad).toMatchObject({
      status: "FAILED",
      reason: expect.stringMatching(
        /^InvalidInputError: the header has no column timestamp, latitude, longitude/,
      ),
    });
    expect(await client.get(`/tasks/${bad?.taskId}`)).toEqual(bad);
    const { recordings } = await client.get<{ recordings: RecordingAnswer[] }>("/recordings");
    expect(recordings.map(({ name }) => name)).not.toContain("bad.csv");
  });
};
