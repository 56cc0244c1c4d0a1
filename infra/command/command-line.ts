import { type Command, CommanderError, InvalidArgumentError } from "commander";
import { diskFailure } from "./disk-failure.ts";
import { CommandFailure } from "./failure.ts";

/*
 * What the commands have in common: help on request, wrong use and failures in one line on standard error,
 * and the exit codes 0, 1 (failure) and 2 (wrong use).
 */

/** One line for people on standard error. */
export const say = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Parses arguments; help ends with 0, wrong use raises a CommandFailure with exit code 2. */
export const parseArguments = (command: Command, argv: readonly string[]): Command => {
  for (const each of [command, ...command.commands]) {
    each.exitOverride().configureOutput({ writeErr: () => {} });
  }
  try {
    return command.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) process.exit(0);
    const message = error.message.replace(/^error: /, "").replace(/\n/g, " ");
    throw new CommandFailure(`${message}; --help shows what is possible`, 2);
  }
};

/** Runs a command to its end and turns any error, wherever it is raised, into one line and an exit code. */
export const runCommand = async (main: () => Promise<void>): Promise<void> => {
  process.on("uncaughtException", fail);
  if (process.env.BACKTRACK_ENDS_WITH_INPUT === "yes") endWithInput();
  // The reader is gone (`| head -3`): there is nobody left to work for, and nobody to tell.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => process.exit(0));
  try {
    await main();
  } catch (error) {
    fail(error);
  }
};

/**
 * For programs that start a stack, such as the tests: the stack does not outlive them, even if they are
 * killed.
 */
const endWithInput = (): void => {
  process.stdin.on("end", () => process.kill(process.pid, "SIGTERM")).on("error", () => {});
  process.stdin.resume().unref?.();
};

/** LevelDB's errors by name, raised in the background when its files are damaged or the disk is full. */
const DATA_FOLDER_FAILURES: Readonly<Record<string, string | undefined>> = {
  OpenError: "can't be opened",
  ReadError: "can't be read",
  WriteError: "can't be written",
};

const fail = (error: unknown): never => {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  if (error instanceof CommandFailure) {
    say(`backtrack: ${message}`);
    process.exit(error.exitCode);
  }
  const disk = diskFailure(error);
  if (disk !== undefined) {
    say(`backtrack: ${disk}`);
    process.exit(1);
  }
  const failing = DATA_FOLDER_FAILURES[name];
  if (failing !== undefined) {
    say(`backtrack: the data folder ${failing}: ${message}`);
    process.exit(1);
  }
  say(`backtrack: unexpected failure: ${stack ?? message}`);
  process.exit(1);
};

/** For commander: a number between two bounds, whole or not. */
export const numberBetween =
  (minimum: number, maximum: number, { whole = false } = {}) =>
  (text: string): number => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!(value >= minimum && value <= maximum) || (whole && !Number.isInteger(value))) {
      throw new InvalidArgumentError(
        `It must be a ${whole ? "whole " : ""}number from ${minimum} to ${maximum}.`,
      );
    }
    return value;
  };

/** For commander: any check that raises an error with a message for people. */
export const checkedBy =
  <Value>(check: (text: string) => Value) =>
  (text: string): Value => {
    try {
      return check(text);
    } catch (error) {
      throw new InvalidArgumentError(`It ${error instanceof Error ? error.message : error}.`);
    }
  };

/** An address to listen at. Raises an error with a message for people. */
export const listeningHost = (text: string): string => {
  if (/^[A-Za-z0-9.:_-]+$/.test(text)) return text;
  throw new Error("must be an IP address or a host's name, without a port");
};

/** For commander: an option that may be given several times, each time checked. */
export const listOf =
  <Value>(check: (text: string) => Value) =>
  (text: string, before: readonly Value[] = []): Value[] => [...before, checkedBy(check)(text)];
