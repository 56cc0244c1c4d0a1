import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { failure } from "../stack/failure.ts";
import type { Api } from "./api.ts";
import { importSources, playSources } from "./play.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "backtrack-"));
  writeFileSync(join(folder, "drive.csv"), "timestamp,latitude,longitude\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** An API that answers from a table, and remembers what was posted. */
const fakeApi = (answers: Readonly<Record<string, unknown>>) => {
  const posted: { path: string; body: unknown }[] = [];
  const answer = (path: string) => {
    const found = answers[path];
    if (found instanceof Error) throw found;
    return found;
  };
  const api: Api = {
    url: "http://127.0.0.1:1",
    get: async <Answer>(path: string) => answer(path) as Answer,
    post: async <Answer>(path: string, body: object) => {
      posted.push({ path, body });
      return answer(path) as Answer;
    },
  };
  return { api, posted };
};

const source = () => ({ path: join(folder, "drive.csv"), name: "drive.csv", deviceId: "car" });
const recordProgress = () => {
  const lines: string[] = [];
  return { lines, progress: { begin: () => {}, end: (line: string) => lines.push(line) } };
};

test("an import tells how many positions there are and which rows are left out", async () => {
  const rejected = [7, 9, 11, 13].map((line) => ({
    line,
    problems: [{ field: "latitude", rule: "must be between -90 and 90" }],
  }));
  const { api } = fakeApi({
    "/recordings?name=drive.csv": { recordingId: "r", positionCount: 1316, rejectedRowCount: 5, rejected },
  });
  const { lines, progress } = recordProgress();
  expect(await importSources(api, [source()], progress)).toMatchObject([
    { recordingId: "r", positionCount: 1316 },
  ]);
  expect(lines.join("\n").split("\n")).toEqual([
    "imported drive.csv: 1,316 positions",
    "  5 rows could not be read and are left out:",
    "  line 7: latitude must be between -90 and 90",
    "  line 9: latitude must be between -90 and 90",
    "  line 11: latitude must be between -90 and 90",
    "  and 2 more",
  ]);
});

test("what the API refuses, and a file that is gone, name the file", async () => {
  const { api } = fakeApi({ "/recordings?name=drive.csv": failure("The file is not text.") });
  const { progress } = recordProgress();
  await expect(importSources(api, [source()], progress)).rejects.toMatchObject({
    message: `${source().path}: The file is not text.`,
    exitCode: 1,
  });
  const gone = { ...source(), path: join(folder, "gone.csv") };
  await expect(importSources(api, [gone], progress)).rejects.toThrow(`${gone.path} can't be read`);
});

const imported = () => ({ ...source(), recordingId: "r", positionCount: 3 });
const OPTIONS = { rate: 10, loop: true, timestamps: "now", copies: 2 } as const;
const replay = (status: string, deviceIds: readonly string[] = ["car-1", "car-2"]) => ({
  replayId: status,
  status,
  rate: 10,
  sources: [{ recordingId: "r", deviceIds }],
});

test.each(["playing", "paused"])("a replay of the same that is %s goes on", async (status) => {
  const { api, posted } = fakeApi({
    "/replays?limit=100": { replays: [replay("finished"), replay("playing", ["car"])], cursor: "a b" },
    "/replays?limit=100&cursor=a%20b": { replays: [replay(status)] },
  });
  expect(await playSources(api, [imported()], OPTIONS)).toEqual({ replay: replay(status), goesOn: true });
  expect(posted).toEqual([]);
});

test("else a new one is started", async () => {
  const { api, posted } = fakeApi({
    "/replays?limit=100": { replays: [replay("finished"), replay("failed"), replay("playing", ["car"])] },
    "/replays": replay("playing"),
  });
  expect(await playSources(api, [imported()], OPTIONS)).toEqual({ replay: replay("playing"), goesOn: false });
  expect(posted).toEqual([
    {
      path: "/replays",
      body: {
        sources: [{ recordingId: "r", deviceId: "car", copies: 2 }],
        rate: 10,
        loop: true,
        timestamps: "now",
      },
    },
  ]);
});
