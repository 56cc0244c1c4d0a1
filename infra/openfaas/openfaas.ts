import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { parseArguments, runCommand } from "../command/command-line.ts";
import { failure, wrongUse } from "../command/failure.ts";
import { knativeServices } from "./knative/knative-services.ts";
import { CADDYFILE, caddyfile } from "./proxy/caddyfile.ts";
import { checkStack } from "./stack/check-stack.ts";
import { STACK_FILE, STACK_RULES, stackYaml } from "./stack/stack-file.ts";

const ROOT = resolve(import.meta.dirname, "../..");

interface MadeFile {
  readonly path: string;
  make(): string;
  /** What is wrong with its text. */
  problems(text: string): readonly string[];
}

interface Options {
  readonly write?: boolean;
  readonly check?: boolean;
}

const read = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw failure(`${path} can't be read`, error);
  }
};

/** Prints the file; or writes it; or fails when it is not what would be made now, or says something wrong. */
const keep = ({ path, make, problems }: MadeFile, { write, check }: Options): void => {
  const text = make();
  const wrong = problems(text);
  if (wrong.length > 0) throw failure(`${path}: ${wrong.join("; ")}`);
  if (write) writeFileSync(join(ROOT, path), text);
  else if (!check) process.stdout.write(text);
  else if (read(join(ROOT, path)) !== text) {
    throw failure(
      `${path} is out of date; npm run openfaas -- ${path === STACK_FILE ? "stack" : "proxy"} --write`,
    );
  }
};

const EXAMPLES = `
Examples:
  npm run openfaas -- stack --write
  npm run openfaas -- proxy --check
  faas-cli generate --api=serving.knative.dev/v1 -f stack.yml | npm run -s openfaas -- knative | kubectl apply -f -`;

const main = async (): Promise<void> => {
  const program = new Command("npm run openfaas --")
    .description("Makes the files for OpenFaaS, Knative and the proxy in front out of the manifest.")
    .addHelpText("after", EXAMPLES);
  const file = (name: string, description: string, made: MadeFile): void => {
    program
      .command(name)
      .description(description)
      .option("--write", `writes ${made.path}`)
      .option("--check", `fails when ${made.path} is out of date or wrong`)
      .action((options: Options) => {
        if (options.write && options.check) throw wrongUse("--write and --check don't go together");
        keep(made, options);
      });
  };
  file("stack", `prints ${STACK_FILE}, what faas-cli builds and deploys`, {
    path: STACK_FILE,
    make: stackYaml,
    problems: (text) => checkStack(text, STACK_RULES),
  });
  file("proxy", `prints ${CADDYFILE}, what stands between the Internet and the gateway`, {
    path: CADDYFILE,
    make: caddyfile,
    problems: () => [],
  });
  program
    .command("knative")
    .description("puts back into Knative Services what `faas-cli generate` left out; reads standard input")
    .action(() => {
      process.stdout.write(knativeServices(readFileSync(0, "utf8"), read(join(ROOT, STACK_FILE))));
    });
  parseArguments(program, process.argv.slice(2));
};

await runCommand(main);
