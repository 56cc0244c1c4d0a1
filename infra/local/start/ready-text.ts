/** What is told when the stack is ready. */
export interface ReadyText {
  readonly apiUrl: string;
  readonly seconds: number;
  /** As what is replayed; none when nothing is. */
  readonly deviceIds: readonly string[];
  readonly rate: number;
  /** The replay of an earlier start that plays on, with the options of that start. */
  readonly earlierReplayId?: string;
  readonly isPaused: boolean;
  readonly asksForKeys: boolean;
  /** The first key, which is told once; none when there were keys already. */
  readonly key?: string;
}

/** One line that says that all is ready and where, then three lines to try. */
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

/** Options of this start do not reach a replay of an earlier one: its way of changing is the API's. */
const linesForEarlier = ({ apiUrl, earlierReplayId, ...ready }: ReadyText): string[] =>
  earlierReplayId
    ? [
        "It goes on as it was begun. To change it:",
        `  curl -X PATCH '${apiUrl}/replays/${earlierReplayId}' -d '{"rate": 20}'${keyHeader(ready)}`,
        "",
      ]
    : [];

const linesForKeys = ({ asksForKeys, key }: ReadyText): string[] => {
  if (!asksForKeys) return [];
  const shown = key
    ? `It asks for keys. The first one may do everything, and is shown this once: ${key}`
    : "It asks for keys, and has some of an earlier start: `npm run keys -- list` shows whose.";
  return [shown, "More: npm run keys -- create --name NAME --scope ingest,read,control", ""];
};

/** The key itself where it is known, else the place for it. */
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
