import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join, matchesGlob, relative, resolve } from "node:path";
import { DockerfileParser, type Instruction } from "dockerfile-ast";

/*
 * What Docker would make of a Dockerfile, as far as ours go: files in a folder, and how the process starts.
 * No Docker runs where the tests do. Of base images nothing is there: a program such as node is the
 * machine's. Anything that it doesn't know is an error, and not left out.
 */

export interface CarriedOut {
  /** Holds the image's files: `<root>/srv/function/index.js`. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute in the image. */
  readonly workingFolder: string;
  readonly user: string;
  /** Entry point and command. */
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

export interface CarryOutOptions {
  readonly dockerfile: string;
  /** The build context. */
  readonly context: string;
  /** Lines of the .dockerignore; default: those of the context's file. */
  readonly ignored?: readonly string[];
  readonly buildArguments?: Readonly<Record<string, string>>;
  /**
   * Files of base images, by the name of their stage: `{ watchdog: { "/fwatchdog": "/usr/bin/fwatchdog" } }`.
   */
  readonly stages?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where images are put, a folder each. */
  readonly into: string;
  /** Carries out RUN in the working folder, `folder`; default: refuses. */
  readonly run?: (command: readonly string[], root: string, folder: string) => void;
}

interface Stage extends CarriedOut {
  readonly name: string;
}

/** Builds the last stage, and those that it needs. */
export const carryOut = (options: CarryOutOptions): CarriedOut => {
  const instructions = DockerfileParser.parse(readFileSync(options.dockerfile, "utf8")).getInstructions();
  const globals: Record<string, string> = {};
  const sections: Instruction[][] = [];
  for (const instruction of instructions) {
    if (instruction.getInstruction() === "FROM") sections.push([]);
    const section = sections.at(-1);
    if (section) section.push(instruction);
    else setArgument(instruction, globals, options.buildArguments);
  }
  const named = new Map(
    sections.map((section) => {
      const [, name = ""] = /\bAS (\S+)$/.exec(textOf(section[0])) ?? [];
      return [name, section];
    }),
  );
  const built = new Map<string, Stage>();
  const stageOf = (name: string): Stage | undefined => {
    const section = named.get(name);
    if (section && !built.has(name)) built.set(name, buildStage(section, name));
    return built.get(name);
  };
  const buildStage = (section: readonly Instruction[], name: string): Stage => {
    const [from, ...steps] = section;
    const [base] = expand(textOf(from), globals).split(" ");
    const root = join(options.into, name || "image");
    mkdirSync(root, { recursive: true });
    const parent = stageOf(base);
    if (parent) cpSync(parent.root, root, { recursive: true });
    const given = options.stages?.[name] ?? {};
    for (const [path, source] of Object.entries(given)) cpSync(source, join(root, path));
    const start = {
      environment: {},
      workingFolder: "/",
      user: "root",
      command: [],
      healthCheck: [],
      ...parent,
      root,
      name,
      entryPoint: [],
    };
    return steps.reduce<Building>((stage, step) => carryOutStep(step, stage, options, stageOf), {
      ...start,
      variables: {},
    });
  };
  const last = sections.at(-1);
  if (!last) throw new Error(`${options.dockerfile} has no stage`);
  return buildStage(last, "");
};

interface Building extends Stage {
  readonly entryPoint: readonly string[];
  readonly variables: Record<string, string>;
}

const textOf = (instruction: Instruction): string =>
  instruction
    .getArguments()
    .map((argument) => argument.getValue())
    .join(" ");

/** `${NAME}` and `${NAME:-default}`; a variable that is not set is an error. */
const expand = (text: string, variables: Readonly<Record<string, string>>): string =>
  text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (written, name: string, otherwise?: string) => {
    const value = variables[name] ?? otherwise;
    if (value === undefined) throw new Error(`${written} is not set`);
    return value;
  });

const setArgument = (
  instruction: Instruction,
  variables: Record<string, string>,
  given: Readonly<Record<string, string>> = {},
): void => {
  const [name, ...rest] = textOf(instruction).split("=");
  variables[name] = given[name] ?? rest.join("=");
};

/** `["node", "index.js"]`; a command for a shell is not what our images have. */
const execForm = (instruction: Instruction): string[] => {
  const text = instruction.getRawArgumentsContent() ?? "";
  const value: unknown = JSON.parse(text);
  if (!Array.isArray(value)) throw new Error(`${instruction.getInstruction()} ${text} is no list`);
  return value.map(String);
};

const carryOutStep = (
  step: Instruction,
  stage: Building,
  options: CarryOutOptions,
  stageOf: (name: string) => Stage | undefined,
): Building => {
  const name = step.getInstruction();
  const { variables } = stage;
  switch (name) {
    case "ARG":
      setArgument(step, variables, options.buildArguments);
      return stage;
    case "LABEL":
    case "EXPOSE":
    case "STOPSIGNAL":
      return stage;
    case "ENV":
      return { ...stage, environment: { ...stage.environment, ...environmentIn(step, variables) } };
    case "WORKDIR":
      mkdirSync(join(stage.root, textOf(step)), { recursive: true });
      return { ...stage, workingFolder: textOf(step) };
    case "USER":
      return { ...stage, user: textOf(step) };
    case "ENTRYPOINT":
      return { ...stage, entryPoint: execForm(step), command: execForm(step) };
    case "CMD":
      return { ...stage, command: [...stage.entryPoint, ...execForm(step)] };
    case "HEALTHCHECK":
      return { ...stage, healthCheck: JSON.parse(/CMD (\[.*\])/s.exec(step.getTextContent())?.[1] ?? "") };
    case "COPY":
      copy(step, stage, options, stageOf);
      return stage;
    case "RUN":
      if (!options.run) throw new Error(`RUN ${textOf(step)} is not carried out here`);
      options.run(execForm(step), stage.root, join(stage.root, stage.workingFolder));
      return stage;
    default:
      throw new Error(`${name} is not known here`);
  }
};

const environmentIn = (step: Instruction, variables: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    [...step.getTextContent().matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, plain]) => [
      name,
      expand(quoted ?? plain, variables),
    ]),
  );

const copy = (
  step: Instruction,
  stage: Building,
  { context, ignored }: CarryOutOptions,
  stageOf: (name: string) => Stage | undefined,
): void => {
  const flags = new Map(
    [...step.getTextContent().matchAll(/--(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
  );
  const paths = step.getArguments().map((argument) => argument.getValue());
  const [target, ...sources] = [paths.at(-1) ?? "", ...paths.slice(0, -1)];
  const from = flags.get("from");
  const other = from === undefined ? undefined : stageOf(from);
  if (from !== undefined && !other) throw new Error(`COPY --from=${from}: there is no such stage`);
  const origin = other?.root ?? context;
  const patterns = other ? [] : (ignored ?? ignoreFile(context));
  for (const source of sources) {
    const path = resolve(join(origin, source));
    if (!existsSync(path)) throw new Error(`COPY ${source}: there is no such file in ${origin}`);
    const folder = resolve(join(stage.root, target.startsWith("/") ? "" : stage.workingFolder, target));
    const isInto = target.endsWith("/") && statSync(path).isFile();
    const goal = isInto ? join(folder, source) : folder;
    mkdirSync(dirname(goal), { recursive: true });
    // Thousands of files, and nothing to leave out.
    if (other && statSync(path).isDirectory()) execFileSync("cp", ["-R", `${path}/.`, goal]);
    else
      cpSync(path, goal, {
        recursive: true,
        filter: (file) => file === path || !isIgnored(relative(origin, file), patterns),
      });
    const owner = flags.get("chown");
    if (owner !== undefined) execFileSync("chown", ["-R", owner, goal]);
    if (flags.has("chmod")) execFileSync("chmod", ["-R", flags.get("chmod") ?? "", goal]);
  }
};

const ignoreFile = (context: string): string[] => {
  const path = join(context, ".dockerignore");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
};

/** The last pattern that matches a path, or a folder that it is in, decides. */
const isIgnored = (path: string, patterns: readonly string[]): boolean => {
  const parts = path.split("/");
  const prefixes = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  let ignored = false;
  for (const line of patterns) {
    if (line === "" || line.startsWith("#")) continue;
    const isException = line.startsWith("!");
    const pattern = isException ? line.slice(1) : line;
    if (prefixes.some((prefix) => matchesGlob(prefix, pattern))) ignored = !isException;
  }
  return ignored;
};

/** Takes a tree away again whose folders nobody may write to. */
export const removeTree = (folder: string): void => {
  for (const path of globSync("**/", { cwd: folder })) chmodSync(join(folder, path), 0o755);
  rmSync(folder, { recursive: true, force: true });
};
