import { expect, test } from "vitest";
import type { Api } from "./api.ts";
import { playSources } from "./play.ts";

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

const source = () => ({ path: "drive.csv", name: "drive.csv", deviceId: "car" });
const imported = () => ({ ...source(), recordingId: "r", positionCount: 3 });
const OPTIONS = { rate: 10, loop: true, timestamps: "now", copies: 2 } as const;
const replay = (status: string, deviceId = "car") => ({
  replayId: status,
  status,
  rate: 10,
  sources: [{ recordingId: "r", deviceId, copies: 2 }],
});

test.each(["playing", "paused"])("a replay of the same that is %s goes on", async (status) => {
  const { api, posted } = fakeApi({
    "/replays?limit=100": { replays: [replay("finished"), replay("playing", "bike")], cursor: "a b" },
    "/replays?limit=100&cursor=a%20b": { replays: [replay(status)] },
  });
  expect(await playSources(api, [imported()], OPTIONS)).toEqual({ replay: replay(status), goesOn: true });
  expect(posted).toEqual([]);
});

test("else a new one is started", async () => {
  const { api, posted } = fakeApi({
    "/replays?limit=100": { replays: [replay("finished"), replay("failed"), replay("playing", "bike")] },
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
