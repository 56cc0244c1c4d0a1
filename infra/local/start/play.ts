import { setTimeout as sleep } from "node:timers/promises";
import type { Api } from "./api.ts";
import type { ImportedSource } from "./import-sources.ts";
import type { StartOptions } from "./options.ts";

interface ReplayAnswer {
  readonly replayId: string;
  readonly status: "playing" | "paused" | "finished" | "failed";
  readonly rate: number;
  readonly sources: readonly {
    readonly recordingId: string;
    readonly deviceId: string;
    readonly copies: number;
  }[];
}

/**
 * Replays the sources side by side. An unfinished replay of the same recordings as the same devices (kept in
 * the data folder across a restart) goes on, and no second one is started beside it.
 */
export const playSources = async (
  api: Api,
  sources: readonly ImportedSource[],
  options: Pick<StartOptions, "rate" | "loop" | "timestamps" | "copies">,
): Promise<{ readonly replay: ReplayAnswer; readonly goesOn: boolean }> => {
  const { rate, loop, timestamps, copies } = options;
  const wanted = sources.map(({ recordingId, deviceId }) => ({ recordingId, deviceId, copies }));
  const key = keyOf(wanted);
  for await (const replay of allReplays(api)) {
    const isOver = replay.status === "finished" || replay.status === "failed";
    if (!isOver && keyOf(replay.sources) === key) return { replay, goesOn: true };
  }
  const replay = await api.post<ReplayAnswer>("/replays", { sources: wanted, rate, loop, timestamps });
  return { replay, goesOn: false };
};

/** The same for replays that play the same recordings as the same devices. */
const keyOf = (sources: ReplayAnswer["sources"]): string =>
  JSON.stringify(sources.map(({ recordingId, deviceId, copies }) => [recordingId, deviceId, copies]).sort());

async function* allReplays(api: Api): AsyncGenerator<ReplayAnswer> {
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page = await api.get<{ replays: ReplayAnswer[]; cursor?: string }>(`/replays?limit=100${query}`);
    yield* page.replays;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

const HEARD_MILLISECONDS = 5_000;
const POLL_MILLISECONDS = 50;

/**
 * Resolves when the device's first position is in its state, so that the API has an answer; or after a while.
 */
export const untilHeard = async (api: Api, deviceId: string): Promise<void> => {
  const giveUpAt = performance.now() + HEARD_MILLISECONDS;
  while (performance.now() < giveUpAt) {
    if (await api.get(`/devices/${encodeURIComponent(deviceId)}`).catch(() => undefined)) return;
    await sleep(POLL_MILLISECONDS);
  }
};
