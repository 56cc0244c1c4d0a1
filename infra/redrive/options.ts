import { Command } from "commander";
import { numberBetween, parseArguments } from "../command/command-line.ts";
import { wrongUse } from "../command/failure.ts";
import { type StackChoice, withStackOptions } from "../local/stack/registry.ts";

export interface RedriveCommand extends StackChoice {
  /** A stage on AWS; if absent, the stack that runs here. */
  readonly stage?: string;
  readonly region?: string;
  readonly profile?: string;
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
  withStackOptions(new Command("npm run redrive --"))
    .description(
      "Puts records that were given up back onto the positions stream: for a stage on AWS those in its failed-records bucket,\n" +
        "without --stage those of the stack that runs here. A batch that was put back is moved to redriven/.\n" +
        "Quarantined records are left alone: they are not valid, and would be refused again.",
    )
    .option("--stage <stage>", "a stage on AWS (default: the stack that `npm start` runs here)")
    .option("--region <region>", "the stage's region (default: as for the AWS CLI)")
    .option("--profile <profile>", "which AWS profile to use (default: as for the AWS CLI)")
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
  if (options.stage !== undefined && (options.url !== undefined || options.data !== undefined)) {
    throw wrongUse("--url and --data choose a stack on this machine: leave out --stage");
  }
  return options;
};
