/*
 * What the image of engine and store runs. The first argument says which, `engine` by default; the rest are
 * the program's own. The store without any serves.
 */

const [, , first = "engine", ...rest] = process.argv;

switch (first) {
  case "engine":
    process.argv.splice(2, Infinity, ...rest);
    await import("../../engine/engine.ts");
    break;
  case "store":
    process.argv.splice(2, Infinity, ...(rest.length > 0 ? rest : ["serve"]));
    await import("../../store/store.ts");
    break;
  case "--help":
    process.stdout.write("Programs: engine [options], the default, and store [command]; each has --help.\n");
    break;
  default:
    process.stderr.write(`backtrack: there is no program ${first}; the programs are: engine, store\n`);
    process.exitCode = 2;
}
