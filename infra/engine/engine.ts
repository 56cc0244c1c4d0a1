import { runCommand } from "../command/command-line.ts";
import { type Log, lineLog } from "./log.ts";
import { parseEngineSettings } from "./settings.ts";
import { startEngine } from "./start-engine.ts";

/*
 * `backtrack-engine`: what calls the functions of a self-hosted Backtrack. SIGTERM hands its work over and
 * ends it with 0; a second one ends it at once.
 */

/** Beyond the time for calls in flight: for saving, freeing leases and closing. */
const CLOSING_MILLISECONDS = 5_000;

const whenAskedToStop = (): Promise<string> =>
  new Promise((resolve) => {
    let asked = false;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (asked) process.exit(130);
        asked = true;
        resolve(signal);
      });
    }
  });

const main = async (): Promise<void> => {
  const settings = parseEngineSettings(process.argv.slice(2));
  const log: Log = lineLog(settings.log);
  const asked = whenAskedToStop();
  const started = await Promise.race([startEngine(settings, log), asked]);
  // Before there is anything to hand over.
  if (typeof started === "string") process.exit(0);
  const { endpoint, operationsEndpoint, close } = started;
  log("info", `serving ${endpoint} and ${operationsEndpoint} as ${[...settings.roles].join(", ")}`);
  const signal = await asked;
  log("info", `${signal}: handing over`);
  setTimeout(
    () => {
      log("error", "handing over took too long; ending");
      process.exit(1);
    },
    settings.drainSeconds * 1_000 + CLOSING_MILLISECONDS,
  ).unref();
  await close();
  log("info", "ended");
  process.exit(0);
};

// Not awaited: a bundle of it is a CommonJS file.
void runCommand(main);
