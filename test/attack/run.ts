import { Command } from "commander";
import { parseArguments, runCommand, say } from "../../infra/command/command-line.ts";
import { wrongUse } from "../../infra/command/failure.ts";
import type { Attack, Outcome } from "./attack.ts";
import { startOwnStack } from "./own-stack.ts";
import { allAttacks } from "./registry.ts";
import { tableOf, verdictOn } from "./report.ts";
import { runAttacks } from "./run-attacks.ts";

/*
 * `npm run attack`: sends every known attack to a fresh stack, which it starts and stops itself, or with
 * --url to one that is already running. Ends with a verdict, and with exit code 0 only when no attack
 * succeeded.
 */

interface Options {
  readonly url?: string;
  readonly key?: string;
  readonly only?: string;
  readonly list?: boolean;
}

const command = new Command("npm run attack --")
  .description("Attacks a fresh stack in every known way, and says what it withstood.")
  .option("--url <url>", "attack the stack at this URL; attacks that need their own stack are left out")
  .option("--key <key>", "a key of that stack with all scopes (or BACKTRACK_KEY)")
  .option("--only <text>", "only the attacks of this finding's number, or with this text in their name")
  .option("--list", "show the attacks, and send nothing");

const chosen = (attacks: readonly Attack[], only: string | undefined): readonly Attack[] => {
  if (only === undefined) return attacks;
  const found = attacks.filter(({ finding, name }) => String(finding) === only || name.includes(only));
  if (found.length === 0) throw wrongUse(`no attack has the number ${only}, or has it in its name`);
  return found;
};

const showProgress = ({ attack, verdict, note }: Outcome): void =>
  say(`${attack.finding} ${attack.name}: ${verdict}${verdict === "SUCCEEDED" ? `: ${note}` : ""}`);

const main = async (): Promise<void> => {
  const options = parseArguments(command, process.argv.slice(2)).opts<Options>();
  const attacks = chosen(await allAttacks(), options.only);
  if (options.list) {
    for (const { finding, name, sends, healthy } of attacks) {
      process.stdout.write(`${finding} ${name}\n  sends:   ${sends}\n  healthy: ${healthy}\n`);
    }
    return;
  }
  const outcomes = await (options.url === undefined
    ? attackFreshStack(attacks)
    : runAttacks(
        attacks,
        { apiUrl: options.url, key: options.key ?? process.env.BACKTRACK_KEY },
        { onOutcome: showProgress },
      ));
  const { line, exitCode } = verdictOn(outcomes);
  process.stdout.write(`\n${tableOf(outcomes)}\n${line}\n`);
  process.exitCode = exitCode;
};

const attackFreshStack = async (attacks: readonly Attack[]): Promise<Outcome[]> => {
  let stack = await startOwnStack();
  const attacked = () => ({ apiUrl: stack.apiUrl, key: stack.key, own: stack });
  const renew = async () => {
    say("the stack no longer answers: starting another");
    await stack.stop();
    stack = await startOwnStack();
    return attacked();
  };
  try {
    return await runAttacks(attacks, attacked(), { onOutcome: showProgress, renew });
  } finally {
    await stack.stop();
  }
};

await runCommand(main);
