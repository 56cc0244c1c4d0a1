import { Command } from "commander";
import { numberBetween, parseArguments } from "../local/command-line.ts";
import { wrongUse } from "../local/stack/failure.ts";
import { type StackChoice, withStackOptions } from "../local/stack/registry.ts";

export interface RedriveCommand extends StackChoice {
  /** On AWS; without it the stack that runs here. */
  readonly stage?: string;
  readonly region?: string;
  readonly profile?: string;
  /** Another bucket than the stage's own. */
  readonly bucket?: string;
  readonly prefix: string;
  readonly dryRun: boolean;
  /** At most so many batches. */
  readonly limit?: number;
}

/** What Lambda puts before every name. */
const LAMBDA_PREFIX = "aws/lambda/";

const command = (): Command =>
  withStackOptions(new Command("npm run redrive --"))
    .description(
      "Plays records that were given up onto the positions stream again: of a stage on AWS those in its failed-records bucket,\n" +
        "without --stage those of the stack that runs here. A batch that was played is moved to redriven/.\n" +
        "Quarantined records are left alone: they are wrong, and would be found wrong again.",
    )
    .option("--stage <stage>", "a stage on AWS (default: the stack that `npm start` runs here)")
    .option("--region <region>", "where the stage is (default: as for the AWS command line)")
    .option("--profile <profile>", "whose credentials to use (default: as for the AWS command line)")
    .option("--bucket <bucket>", "take them from this bucket (default: the stage's own)")
    .option(
      "--prefix <prefix>",
      "only those whose name begins so: aws/lambda/<mapping>/<shard>/<year>/<month>/<day>/",
      LAMBDA_PREFIX,
    )
    .option("--limit <number>", "at most so many batches", numberBetween(1, 1_000_000_000, { whole: true }))
    .option("--dry-run", "only show what would be played", false);

/** The command line as options. Raises a CommandFailure with exit code 2 that says what is wrong; `--help` ends the process. */
export const parseRedriveOptions = (argv: readonly string[]): RedriveCommand => {
  const program = command();
  const options = parseArguments(program, argv).opts<RedriveCommand>();
  if (program.args.length > 0)
    throw wrongUse(`${program.args[0]} is too much; --help shows what is possible`);
  if (options.stage === undefined) {
    for (const name of ["region", "profile", "bucket"] as const) {
      if (options[name] !== undefined)
        throw wrongUse(`--${name} is about a stage on AWS: name it by --stage`);
    }
  }
  if (options.stage !== undefined && (options.url !== undefined || options.data !== undefined)) {
    throw wrongUse("--url and --data choose a stack on this machine: leave out --stage");
  }
  return options;
};
