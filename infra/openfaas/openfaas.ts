import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Command } from "commander";
import { parseArguments, runCommand } from "../command/command-line.ts";
import { failure, wrongUse } from "../command/failure.ts";
import { knativeServices } from "./knative/knative-services.ts";
import { FUNCTIONS_FOLDER, functionManifests } from "./kubernetes/function-manifests.ts";
import { CADDYFILE, caddyfile } from "./proxy/caddyfile.ts";
import { makeSecrets, SECRET_NAMES } from "./secrets/secrets.ts";
import { checkStack } from "./stack/check-stack.ts";
import { STACK_FILE, STACK_RULES, stackYaml } from "./stack/stack-file.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** From the root of the project; git ignores what is made there. */
const SECRETS_FOLDER = "infra/openfaas/kubernetes/secrets";

interface MadeFiles {
  /** Of a file; or of a folder that holds nothing else. */
  readonly path: string;
  /** Its command. */
  readonly command: string;
  /** Their texts by their paths below it; of a file, by the empty one. */
  make(): ReadonlyMap<string, string>;
  /** What is wrong with a text. */
  problems?(text: string): readonly string[];
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

/** Prints the files; or writes them; or fails when one is out of date or says something wrong. */
const keep = ({ path, command, make, problems }: MadeFiles, { write, check }: Options): void => {
  const files = [...make()].map(([name, text]) => ({ path: join(path, name), text }));
  for (const file of files) {
    const wrong = problems?.(file.text) ?? [];
    if (wrong.length > 0) throw failure(`${file.path}: ${wrong.join("; ")}`);
  }
  for (const file of files) {
    if (write) {
      mkdirSync(dirname(join(ROOT, file.path)), { recursive: true });
      writeFileSync(join(ROOT, file.path), file.text);
    } else if (!check) process.stdout.write(file.text);
    else if (read(join(ROOT, file.path)) !== file.text) {
      throw failure(`${file.path} is out of date; npm run openfaas -- ${command} --write`);
    }
  }
};

const makeSecretFiles = (folder: string, replace: readonly string[]): void => {
  const unknown = replace.filter((name) => !SECRET_NAMES.includes(name));
  if (unknown.length > 0)
    throw wrongUse(`--replace: ${unknown.join(", ")} is no secret; they are ${SECRET_NAMES.join(", ")}`);
  const { made, kept } = makeSecrets(resolve(folder), new Set(replace));
  for (const name of made) process.stdout.write(`made  ${join(folder, name)}\n`);
  for (const name of kept) process.stdout.write(`kept  ${join(folder, name)}\n`);
};

const EXAMPLES = `
Examples:
  npm run openfaas -- stack --write
  npm run openfaas -- proxy --check
  npm run openfaas -- kubernetes --write
  npm run openfaas -- secrets
  npm run openfaas -- secrets --replace nats-token
  faas-cli generate --api=serving.knative.dev/v1 -f stack.yml | npm run -s openfaas -- knative | kubectl apply -f -`;

const main = async (): Promise<void> => {
  const program = new Command("npm run openfaas --")
    .description("Makes the files for OpenFaaS, Knative and the proxy in front out of the manifest.")
    .addHelpText("after", EXAMPLES);
  const file = (description: string, made: MadeFiles): void => {
    program
      .command(made.command)
      .description(description)
      .option("--write", `writes ${made.path}`)
      .option("--check", `fails when ${made.path} is out of date or wrong`)
      .action((options: Options) => {
        if (options.write && options.check) throw wrongUse("--write and --check don't go together");
        keep(made, options);
      });
  };
  file(`prints ${STACK_FILE}, what faas-cli builds and deploys`, {
    command: "stack",
    path: STACK_FILE,
    make: () => new Map([["", stackYaml()]]),
    problems: (text) => checkStack(text, STACK_RULES),
  });
  file(`prints ${CADDYFILE}, what stands between the Internet and the gateway`, {
    command: "proxy",
    path: CADDYFILE,
    make: () => new Map([["", caddyfile()]]),
  });
  file(`prints ${FUNCTIONS_FOLDER}/, the functions as Deployments without OpenFaaS`, {
    command: "kubernetes",
    path: FUNCTIONS_FOLDER,
    make: functionManifests,
  });
  program
    .command("secrets")
    .description("makes the secrets that are missing, at random, a file each")
    .argument("[folder]", "where they are put", SECRETS_FOLDER)
    .option("--replace <name...>", "makes these anew")
    .action((folder: string, { replace = [] }: { replace?: readonly string[] }) =>
      makeSecretFiles(folder, replace),
    );
  program
    .command("knative")
    .description("puts back into Knative Services what `faas-cli generate` left out; reads standard input")
    .action(() => {
      process.stdout.write(knativeServices(readFileSync(0, "utf8"), read(join(ROOT, STACK_FILE))));
    });
  parseArguments(program, process.argv.slice(2));
};

await runCommand(main);
