import { DEFAULT_TEMPLATE } from "./template.ts";

/**
 * Gives a bare `--template` its default file. What follows it is the file only when it is called as `cdk synth` calls templates,
 * so that the function's name may follow too.
 */
export const withTemplateFile = (argv: readonly string[]): string[] =>
  argv.map((argument, index) =>
    argument === "--template" && !argv[index + 1]?.endsWith(".template.json")
      ? `--template=${DEFAULT_TEMPLATE}`
      : argument,
  );
