import { Command } from "commander";
import { numberBetween, parseArguments } from "../command/command-line.ts";
import { wrongUse } from "../command/failure.ts";
import {
  checkTarget,
  type StackChoice,
  type StageChoice,
  type StreamChoice,
  type Target,
  withStackOptions,
  withStageOptions,
  withStreamOption,
} from "../command/target.ts";

export interface RedriveCommand extends StackChoice, StageChoice, StreamChoice {
  /** A bucket other than the stage's own. */
  readonly bucket?: string;
  readonly prefix: string;
  readonly dryRun: boolean;
  /** At most this many batches. */
  readonly limit?: number;
}

/** The prefix that Lambda gives every name. */
const LAMBDA_PREFIX = "aws/lambda/";

const command = (): Command =>
  withStackOptions(withStreamOption(withStageOptions(new Command("npm run redrive --"))))
    .description(
      "Puts records that were given up back onto the positions stream: for a stage on AWS those in its failed-records bucket,\n" +
        "with --stream those beside a self-hosted stack's stream, else those of the stack that runs here. A batch that was put back is moved to redriven/.\n" +
        "Quarantined records are left alone: they are not valid, and would be refused again.",
    )
    .option("--bucket <bucket>", "take them from this bucket (default: the stage's own)")
    .option(
      "--prefix <prefix>",
      "only batches whose names start with this: aws/lambda/<mapping>/<shard>/<year>/<month>/<day>/",
      LAMBDA_PREFIX,
    )
    .option("--limit <number>", "at most this many batches", numberBetween(1, 1_000_000_000, { whole: true }))
    .option("--dry-run", "only show what would be put back", false);

/**
 * The command line as options. Raises a CommandFailure with exit code 2 that says what is wrong; `--help`
 * ends the process.
 */
export const parseRedriveOptions = (argv: readonly string[]): RedriveCommand => {
  const program = command();
  const options = parseArguments(program, argv).opts<RedriveCommand>();
  if (program.args.length > 0)
    throw wrongUse(`unexpected argument ${program.args[0]}; --help shows what is possible`);
  if (options.stage === undefined) {
    for (const name of ["region", "profile", "bucket"] as const) {
      if (options[name] !== undefined)
        throw wrongUse(`--${name} is for a stage on AWS: name it with --stage`);
    }
  }
  checkTarget(options satisfies Target);
  return options;
};
