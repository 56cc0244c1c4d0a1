import { runCommand } from "../command/command-line.ts";
import { parseEngineSettings } from "./settings.ts";

/*
 * `backtrack-engine`: what calls the functions of a self-hosted Backtrack.
 */

const main = async (): Promise<void> => {
  parseEngineSettings(process.argv.slice(2));
};

await runCommand(main);
