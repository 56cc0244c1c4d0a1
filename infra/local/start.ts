import { deviceIdsOf } from "../../lib/core/replay/replay.ts";
import { EARLIEST_VARIABLE, MAXIMUM_AHEAD_VARIABLE } from "../../lib/runtime/timestamp-rules.ts";
import { runCommand, say } from "../command/command-line.ts";
import { registryPath } from "./stack/registry.ts";
import { type Stack, startStack } from "./stack/stack.ts";
import { apiAt } from "./start/api.ts";
import { importPorts, importSources } from "./start/import-sources.ts";
import { prepareKeys } from "./start/keys.ts";
import { parseStartOptions, type StartOptions } from "./start/options.ts";
import { playSources, untilHeard } from "./start/play.ts";
import { showProgress } from "./start/progress.ts";
import { readyText } from "./start/ready-text.ts";

/*
 * `npm start`: starts the whole stack, imports recorded drives, replays them, says where the API is, and runs
 * until Ctrl-C.
 */

/** However long a server takes to close, Ctrl-C takes no longer than this. */
const STOP_MILLISECONDS = 1_700;

/** Resolves when somebody asks to stop; asking twice means not wanting to wait. */
const whenAskedToStop = (): Promise<"asked"> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve("asked");
      });
    }
  });

const replaySources = async (stack: Stack, options: StartOptions, key?: string) => {
  const { sources } = options;
  if (sources.length === 0) return { deviceIds: [], rate: options.rate, isPaused: false };
  const api = apiAt(stack.address.apiUrl, key);
  const ports = importPorts(stack.address);
  const imported = await importSources(ports, sources, showProgress(sources.length));
  const { replay, goesOn } = await playSources(api, imported, options);
  const deviceIds = replay.sources.flatMap(deviceIdsOf);
  await untilHeard(api, deviceIds[0]);
  return {
    deviceIds,
    rate: replay.rate,
    ...(goesOn && { earlierReplayId: replay.replayId }),
    isPaused: replay.status === "paused",
  };
};

const run = async (stack: Stack, options: StartOptions): Promise<void> => {
  const access = options.auth ? await prepareKeys(stack.address) : undefined;
  const activity = await replaySources(stack, options, access?.ownKey);
  await access?.removeOwnKey();
  const seconds = performance.now() / 1000;
  const ready = { apiUrl: stack.address.apiUrl, seconds, asksForKeys: options.auth, key: access?.firstKey };
  process.stdout.write(readyText({ ...ready, ...activity }));
  await stack.failed;
};

const main = async (): Promise<void> => {
  const options = parseStartOptions(process.argv.slice(2));
  const asked = whenAskedToStop();
  const starting = startStack({
    access: options.auth ? "keys" : "open",
    httpPort: options.port,
    settings: {
      [MAXIMUM_AHEAD_VARIABLE]: String(options.maximumAheadSeconds),
      [EARLIEST_VARIABLE]: options.earliestTimestamp,
    },
    allowedHosts: options.allowedHosts,
    allowedOrigins: options.allowedOrigins,
    keepReadBytes: options.keepReadBytes,
    dataFolder: options.dataFolder,
    inboxFolder: options.inboxFolder,
    registryPath: registryPath(),
    say: (line) => say(`backtrack: ${line}`),
  });
  const stack = await Promise.race([starting, asked]);
  // Before there is anything to stop in order; the functions' process notices by itself.
  if (stack === "asked") process.exit(130);
  try {
    await Promise.race([run(stack, options), asked]);
  } finally {
    setTimeout(() => process.exit(1), STOP_MILLISECONDS).unref();
    await stack.stop();
  }
  process.exit(0);
};

await runCommand(main);
