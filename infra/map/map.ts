import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { ROOMS } from "../../functions/manifest.ts";
import { parseArguments, runCommand, say } from "../command/command-line.ts";
import { failure, wrongUse } from "../command/failure.ts";
import { fillBlocks } from "./blocks.ts";
import { importsByLayer, layersTable } from "./layers.ts";
import { drawRoad, roadOf } from "./road.ts";
import { roomSection, roomsTable } from "./rooms.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** The files that hold parts made here. */
const FILES = ["README.md", "docs/map.md"];

const fenced = (lines: readonly string[]): string[] => ["```", ...lines, "```"];

const blocks = async (): Promise<Record<string, readonly string[]>> => ({
  rooms: roomsTable(),
  layers: layersTable(await importsByLayer()),
  functions: ROOMS.flatMap(roomSection),
  "road-of-a-position": fenced(drawRoad(roadOf("POST /devices/{deviceId}/positions"))),
  "road-of-a-replay": fenced(drawRoad(roadOf("POST /replays"))),
  "road-of-an-import": fenced(drawRoad(roadOf("file in recordings"))),
});

const EXAMPLES = `
Examples:
  npm run map                          # the rooms and what is in them
  npm run map -- "POST /replays"       # what a request passes on its way
  npm run map -- --write               # brings README.md and docs/map.md up to date`;

interface Options {
  readonly write?: boolean;
  readonly check?: boolean;
}

const main = async (): Promise<void> => {
  const program = new Command("npm run map --")
    .description(
      "Draws the project from its code: rooms, functions, and the road of a request, file or schedule.",
    )
    .argument("[start]", 'what starts the road, such as "POST /replays" or "file in recordings"')
    .option("--write", `writes what is made from the code into ${FILES.join(" and ")}`)
    .option("--check", "fails when these files are out of date")
    .addHelpText("after", EXAMPLES);
  parseArguments(program, process.argv.slice(2));
  const [start] = program.args;
  const { write, check } = program.opts<Options>();
  if (write || check) return keepFiles(write === true);
  if (start === undefined) {
    console.log(roomsTable().join("\n"));
    return;
  }
  try {
    console.log(drawRoad(roadOf(start)).join("\n"));
  } catch (error) {
    throw error instanceof RangeError ? wrongUse(error.message) : error;
  }
};

const keepFiles = async (write: boolean): Promise<void> => {
  const made = await blocks();
  for (const name of FILES) {
    const path = join(ROOT, name);
    const before = readFileSync(path, "utf8");
    const after = fillBlocks(before, made);
    if (after === before) continue;
    if (!write) throw failure(`${name} is out of date: run npm run map -- --write`);
    writeFileSync(path, after);
    say(`${name} is up to date`);
  }
};

if (import.meta.main) await runCommand(main);
