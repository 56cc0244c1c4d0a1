import type { LogFormat } from "./settings.ts";

export type Level = "info" | "warn" | "error";

/** Writes one line about what happens; never a secret. */
export type Log = (level: Level, message: string) => void;

/** OpenFaaS's watchdog stops copying a process's output at a line of 64 KB. */
const LONGEST_CHARACTERS = 8_000;

/** One line each on standard error, far shorter than 64 KB. `json` has time, level and message. */
export const lineLog = (
  format: LogFormat,
  clock: () => number = Date.now,
  write: (line: string) => void = (line) => process.stderr.write(line),
): Log => {
  return (level, message) => {
    const text = message.length > LONGEST_CHARACTERS ? `${message.slice(0, LONGEST_CHARACTERS)}...` : message;
    const time = new Date(clock()).toISOString();
    const line =
      format === "json"
        ? JSON.stringify({ time, level, message: text })
        : `${time} ${level} ${text.replaceAll(/\s*\n\s*/g, " | ")}`;
    write(`${line}\n`);
  };
};
