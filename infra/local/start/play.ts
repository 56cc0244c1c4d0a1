import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { deviceIdsOf } from "../../../lib/core/replay/replay.ts";
import { CommandFailure, failure } from "../stack/failure.ts";
import type { Api } from "./api.ts";
import type { Source, StartOptions } from "./options.ts";
import type { Progress } from "./progress.ts";

/** A source whose file is a recording now. */
export interface ImportedSource extends Source {
  readonly recordingId: string;
  readonly positionCount: number;
}

interface RecordingAnswer {
  readonly recordingId: string;
  readonly positionCount: number;
  readonly rejectedRowCount: number;
  /** The first hundred. */
  readonly rejected: readonly {
    readonly line: number;
    readonly problems: readonly { readonly field: string; readonly rule: string }[];
  }[];
}

interface ReplayAnswer {
  readonly replayId: string;
  readonly status: "playing" | "paused" | "finished" | "failed";
  readonly rate: number;
  readonly sources: readonly { readonly recordingId: string; readonly deviceIds: readonly string[] }[];
}

const SHOWN_ROWS = 3;

/** Imports each file through the API; one that is there already stays as it is. Raises a CommandFailure that names the file. */
export const importSources = async (
  api: Api,
  sources: readonly Source[],
  progress: Progress,
): Promise<ImportedSource[]> => {
  const imported: ImportedSource[] = [];
  for (const source of sources) {
    progress.begin(`importing ${source.name}`);
    const recording = await importFile(api, source);
    const { recordingId, positionCount } = recording;
    const positions = `${positionCount.toLocaleString("en")} positions`;
    progress.end([`imported ${source.name}: ${positions}`, ...rejectedLines(recording)].join("\n"));
    imported.push({ ...source, recordingId, positionCount });
  }
  return imported;
};

/** What could not be read of a file, and why: the first few rows. */
const rejectedLines = ({ rejectedRowCount, rejected }: RecordingAnswer): string[] => {
  if (rejectedRowCount === 0) return [];
  const shown = rejected.slice(0, SHOWN_ROWS).map(({ line, problems }) => {
    const reasons = problems.map(({ field, rule }) => `${field} ${rule}`).join("; ");
    return `  line ${line}: ${reasons}`;
  });
  const more = rejectedRowCount - shown.length;
  return [
    `  ${rejectedRowCount} rows could not be read and are left out:`,
    ...shown,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
};

const importFile = async (api: Api, { path, name }: Source): Promise<RecordingAnswer> => {
  try {
    const file = new Uint8Array(readFileSync(path));
    return await api.post(`/recordings?name=${encodeURIComponent(name)}`, file, "text/csv");
  } catch (error) {
    if (error instanceof CommandFailure) throw failure(`${path}: ${error.message}`, error);
    throw failure(`${path} can't be read: ${error instanceof Error ? error.message : error}`, error);
  }
};

/**
 * Replays the sources side by side. A replay of the same recordings as the same devices that is not over yet (the data
 * folder kept it across a restart) goes on, and no second one is started beside it.
 */
export const playSources = async (
  api: Api,
  sources: readonly ImportedSource[],
  options: Pick<StartOptions, "rate" | "loop" | "timestamps" | "copies">,
): Promise<{ readonly replay: ReplayAnswer; readonly goesOn: boolean }> => {
  const { rate, loop, timestamps, copies } = options;
  const wanted = sources.map(({ recordingId, deviceId }) => ({ recordingId, deviceId, copies }));
  const key = keyOf(wanted.map((source) => ({ ...source, deviceIds: deviceIdsOf(source) })));
  for await (const replay of allReplays(api)) {
    const isOver = replay.status === "finished" || replay.status === "failed";
    if (!isOver && keyOf(replay.sources) === key) return { replay, goesOn: true };
  }
  const replay = await api.post<ReplayAnswer>("/replays", { sources: wanted, rate, loop, timestamps });
  return { replay, goesOn: false };
};

/** The same for replays that play the same recordings as the same devices. */
const keyOf = (sources: ReplayAnswer["sources"]): string =>
  JSON.stringify(sources.map(({ recordingId, deviceIds }) => [recordingId, ...deviceIds]).sort());

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

/** Resolves when the device's first position is in its state, so that whoever asks then gets an answer; or after a while. */
export const untilHeard = async (api: Api, deviceId: string): Promise<void> => {
  const giveUpAt = performance.now() + HEARD_MILLISECONDS;
  while (performance.now() < giveUpAt) {
    if (await api.get(`/devices/${encodeURIComponent(deviceId)}`).catch(() => undefined)) return;
    await sleep(POLL_MILLISECONDS);
  }
};
