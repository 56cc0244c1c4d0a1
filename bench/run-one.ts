import { BENCHES } from "./benches.ts";

// The child process of run.ts: runs one benchmark, and sends its table.
const [, , name = "", settings = "{}"] = process.argv;
const table = await BENCHES[name]?.(JSON.parse(settings));
if (table === undefined || process.send === undefined) {
  throw new Error("run-one.ts is run by run.ts, with the name of a benchmark and its settings");
}
// It has stopped what it started; handles that libraries keep open must not delay the next one.
process.send(table, undefined, undefined, () => process.exit());
