import { changingSecret } from "../../lib/secrets/changing-secret.ts";
import { startHost } from "./host.ts";
import { type HostedFunction, loadFunctions } from "./hosted-function.ts";
import { INVOKE_TOKEN_SECRET } from "./invocation.ts";
import { checkToken } from "./invoke-api.ts";
import { readHostSettings } from "./settings.ts";

/** A line of the log. It never holds an address or a header: those name devices, and may contain keys. */
const log = (level: "INFO" | "WARN" | "ERROR", message: string, further: object = {}): void => {
  process.stderr.write(
    `${JSON.stringify({ level, message, timestamp: new Date().toISOString(), ...further })}\n`,
  );
};

const described = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);

const SHUTDOWN_GRACE_SECONDS = 5;

/**
 * Runs a group of functions as this process: loads them, serves them, and ends at SIGTERM once nobody sends
 * requests and every call has ended. Ends with another code than 0 when it can't start, when calls had to be
 * cut, and when a function does not end.
 */
export const runHost = async (functions: readonly HostedFunction[]): Promise<void> => {
  try {
    await run(functions);
  } catch (error) {
    log("ERROR", `the host can't start: ${error instanceof Error ? error.message : error}`, {
      error: described(error),
    });
    process.exit(1);
  }
};

const run = async (functions: readonly HostedFunction[]): Promise<void> => {
  const settings = readHostSettings(process.env);
  const token = changingSecret(settings.secretsFolder, INVOKE_TOKEN_SECRET);
  const isInvoked = functions.some(({ routes = [] }) => routes.length === 0);
  if (isInvoked || token.current() !== undefined) checkToken(token.current(), settings.secretsFolder);

  let isEnding = false;
  const longestSeconds = Math.max(0, ...functions.map(({ timeoutSeconds }) => timeoutSeconds));
  const host = await startHost(await loadFunctions(functions), {
    settings,
    token,
    onFailure: (name, error) => log("ERROR", "a call failed", { function: name, error: described(error) }),
    onOverstay: (name) => {
      log("ERROR", "a function did not end at its time limit, so this process ends", { function: name });
      void end(1);
    },
  });
  log("INFO", "ready", { port: host.port, functions: functions.map(({ name }) => name) });

  const end = async (exitCode: number): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    host.retire();
    const { serveOnSeconds, shutdownSeconds } = settings;
    const seconds = shutdownSeconds ?? serveOnSeconds + longestSeconds + SHUTDOWN_GRACE_SECONDS;
    setTimeout(() => cutShort("the time to shut down is over"), seconds * 1_000);
    await new Promise((resolve) => setTimeout(resolve, serveOnSeconds * 1_000));
    await host.close();
    process.exit(exitCode);
  };
  const cutShort = (reason: string): void => {
    const { inFlight } = host;
    if (inFlight > 0) log("WARN", `calls are cut: ${reason}`, { inFlight });
    host.cut();
    process.exit(inFlight > 0 ? 1 : 0);
  };

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (isEnding) cutShort(`a second ${signal}`);
      else void end(0);
    });
  }
  // of-watchdog names its child's command so. A child that outlives its watchdog keeps the port, and work
  // that nobody can reach.
  if (process.env.fprocess) endWithParent(() => void end(1));
};

const endWithParent = (end: () => void): void => {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 1_000);
  timer.unref();
};
