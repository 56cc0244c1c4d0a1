/** The message when the stack is ready. */
export interface ReadyText {
  readonly apiUrl: string;
  readonly seconds: number;
  /** The devices that are replayed, if any. */
  readonly deviceIds: readonly string[];
  readonly rate: number;
  /** The replay of an earlier start that goes on, with the options of that start. */
  readonly earlierReplayId?: string;
  readonly isPaused: boolean;
  readonly asksForKeys: boolean;
  /** The first key, which is shown once; none if there were keys already. */
  readonly key?: string;
}

/** One line that says where the API is, then three lines to try. */
export const readyText = (ready: ReadyText): string => {
  const { apiUrl, seconds } = ready;
  const suggestions =
    ready.deviceIds.length > 0 ? linesFor(apiUrl, ready.deviceIds[0]) : linesForNone(apiUrl);
  return [
    `Backtrack is ready at ${apiUrl} after ${seconds.toFixed(1)} s${activityOf(ready)}. Ctrl-C ends it.`,
    "",
    ...linesForEarlier(ready),
    ...linesForKeys(ready),
    "Try next:",
    ...suggestions.map((line) => `  ${line}${keyHeader(ready)}`),
    "",
  ].join("\n");
};

const activityOf = ({ deviceIds, rate, earlierReplayId, isPaused }: ReadyText): string => {
  if (deviceIds.length === 0) return "";
  const [first] = deviceIds;
  const devices = deviceIds.length === 1 ? first : `${first} and ${deviceIds.length - 1} more`;
  if (isPaused) return `; the replay of ${devices} is still paused`;
  return `; ${earlierReplayId ? "still " : ""}replaying ${devices} at ${rate}x`;
};

/** Options of this start do not affect a replay of an earlier one: it is changed through the API. */
const linesForEarlier = ({ apiUrl, earlierReplayId, ...ready }: ReadyText): string[] =>
  earlierReplayId
    ? [
        "It goes on with its own options. To change it:",
        `  curl -X PATCH '${apiUrl}/replays/${earlierReplayId}' -d '{"rate": 20}'${keyHeader(ready)}`,
        "",
      ]
    : [];

const linesForKeys = ({ asksForKeys, key }: ReadyText): string[] => {
  if (!asksForKeys) return [];
  const shown = key
    ? `It requires keys. The first one may do everything, and is shown only once: ${key}`
    : "It requires keys, and has some from an earlier start: `npm run keys -- list` shows them.";
  return [shown, "More: npm run keys -- create --name NAME --scope ingest,read,control", ""];
};

/** The key itself if it is known, else a placeholder. */
const keyHeader = ({ asksForKeys, key = "KEY" }: Pick<ReadyText, "asksForKeys" | "key">): string =>
  asksForKeys ? ` -H 'authorization: Bearer ${key}'` : "";

const linesFor = (apiUrl: string, deviceId: string): string[] => {
  const device = `${apiUrl}/devices/${encodeURIComponent(deviceId)}`;
  return [
    `curl '${device}'`,
    `curl '${device}/average-speed?windowSeconds=60'`,
    `curl '${device}/track?format=gpx&limit=100'`,
  ];
};

const linesForNone = (apiUrl: string): string[] => [
  `curl -X POST '${apiUrl}/devices/van/positions' -H 'content-type: application/json' -d '{"timestamp": "2026-03-14T08:00:00Z", "latitude": 46.05, "longitude": 14.5}'`,
  `curl '${apiUrl}/devices/van'`,
  `curl -X POST '${apiUrl}/recordings?name=drive' -H 'content-type: text/csv' --data-binary @drive.csv`,
];
