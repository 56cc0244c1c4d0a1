import { resolve } from "node:path";
import { Command, Option } from "commander";
import { checkedBy, listeningHost, listOf, numberBetween, parseArguments } from "../command/command-line.ts";
import { wrongUse } from "../command/failure.ts";
import { checkStoreUrl, checkTablePrefix, type StoreChoice } from "../command/target.ts";
import { TABLE_PREFIX } from "../engine/tables.ts";
import { isStoredTable, STORED_TABLES, type StoredTableName } from "./tables.ts";

type TableNames = Readonly<Partial<Record<StoredTableName, string>>>;

interface OnStore extends StoreChoice {
  /** Physical names of tables that have others than prefix and name. */
  readonly tableNames: TableNames;
}

export type StoreOptions =
  | { readonly action: "serve"; readonly dataFolder: string; readonly host: string; readonly port: number }
  | ({ readonly action: "create" | "sweep" } & OnStore)
  | ({ readonly action: "backup"; readonly file: string } & OnStore)
  | ({ readonly action: "restore"; readonly file: string; readonly force: boolean } & OnStore);

const EXAMPLES = `
The access key is in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, in the secrets in SECRETS_FOLDER, or in the file
AWS_SHARED_CREDENTIALS_FILE.

Examples:
  npm run store -- serve --data /var/lib/backtrack --port 8000
  npm run store -- create --store http://localhost:8000
  npm run store -- backup --store http://localhost:8000 --to backtrack-2026-11-21.backup
  npm run store -- restore --store http://localhost:8000 --from backtrack-2026-11-21.backup`;

const tableNameIn = (text: string): readonly [StoredTableName, string] => {
  const [, table, name] = /^([a-z-]+)=([A-Za-z0-9_.-]{3,255})$/.exec(text) ?? [];
  if (table !== undefined && name !== undefined && isStoredTable(table)) return [table, name];
  throw new Error(
    `must be <table>=<its name there>, and the tables are ${Object.keys(STORED_TABLES).join(", ")}`,
  );
};

const onStore = (command: Command): Command =>
  command
    .addOption(
      new Option("--store <url>", "where the store is: http://host:8000")
        .env("AWS_ENDPOINT_URL_DYNAMODB")
        .argParser(checkedBy(checkStoreUrl)),
    )
    .addOption(
      new Option("--table-prefix <text>", "what the names of its tables begin with")
        .env("TABLE_PREFIX")
        .argParser(checkedBy(checkTablePrefix))
        .default(TABLE_PREFIX),
    )
    .option(
      "--table <table=name>",
      "the name of one table that has another one, such as devices=fleet-devices; may be repeated",
      listOf(tableNameIn),
    );

interface Parsed extends StoreChoice {
  readonly table?: readonly (readonly [StoredTableName, string])[];
}

const addressIn = ({ store, tablePrefix = TABLE_PREFIX, table = [] }: Parsed): OnStore => {
  if (store === undefined)
    throw wrongUse("say which store: --store http://host:8000, or AWS_ENDPOINT_URL_DYNAMODB");
  return { store, tablePrefix, tableNames: Object.fromEntries(table) };
};

const checkPath = (text: string): string => {
  if (text.trim() !== "") return resolve(text);
  throw new Error("must be a path");
};

/**
 * The command line as options. Raises a CommandFailure with exit code 2 that says what is wrong; `--help`
 * ends the process.
 */
export const parseStoreOptions = (argv: readonly string[]): StoreOptions => {
  let options: StoreOptions | undefined;
  const program = new Command("npm run store --")
    .description(
      "Serves the embedded store, and creates, backs up, restores and sweeps the tables of any store that speaks\n" +
        "the DynamoDB API: the embedded one, ExtendDB, ScyllaDB Alternator.",
    )
    .addHelpText("after", EXAMPLES);
  program
    .command("serve")
    .description(
      "serves the DynamoDB API from a folder, for one small host. What was acknowledged survives the end of the\n" +
        "process, kill -9 too; it is not flushed to the disk each time, so the last seconds may be lost with the power",
    )
    .addOption(
      new Option("--data <folder>", "where the tables are kept; created if absent")
        .env("STORE_DATA")
        .argParser(checkedBy(checkPath))
        .makeOptionMandatory(),
    )
    .addOption(
      new Option("--host <address>", "the address to listen at; 0.0.0.0 for every one of the machine")
        .env("STORE_HOST")
        .argParser(checkedBy(listeningHost))
        .default("127.0.0.1"),
    )
    .addOption(
      new Option("--port <number>", "the port to listen at; 0 takes any free one")
        .env("STORE_PORT")
        .argParser(numberBetween(0, 65_535, { whole: true }))
        .default(8000),
    )
    .action(({ data, host, port }: { data: string; host: string; port: number }) => {
      options = { action: "serve", dataFolder: data, host, port };
    });
  onStore(program.command("create"))
    .description("creates the tables that are missing; what exists stays as it is")
    .action((parsed: Parsed) => {
      options = { action: "create", ...addressIn(parsed) };
    });
  onStore(program.command("backup"))
    .description("writes all tables into a file, while the stack may go on working")
    .addOption(
      new Option("--to <file>", "the new file").argParser(checkedBy(checkPath)).makeOptionMandatory(),
    )
    .action(({ to, ...parsed }: Parsed & { readonly to: string }) => {
      options = { action: "backup", file: to, ...addressIn(parsed) };
    });
  onStore(program.command("restore"))
    .description(
      "writes a backup into empty tables; stop the engine and the functions first. What the stream still holds from\n" +
        "after the backup is delivered again",
    )
    .addOption(
      new Option("--from <file>", "the backup").argParser(checkedBy(checkPath)).makeOptionMandatory(),
    )
    .option("--force", "delete everything that is in the tables first", false)
    .action(({ from, force, ...parsed }: Parsed & { readonly from: string; readonly force: boolean }) => {
      options = { action: "restore", file: from, force, ...addressIn(parsed) };
    });
  onStore(program.command("sweep"))
    .description("deletes expired items once; for a store that has no time to live, or is slow with it")
    .action((parsed: Parsed) => {
      options = { action: "sweep", ...addressIn(parsed) };
    });

  // Commander would print the whole help and exit as if it had been asked to.
  if (argv.length > 0) parseArguments(program, argv);
  if (!options) {
    throw wrongUse("say what to do: serve, create, backup, restore or sweep; --help shows what is possible");
  }
  return options;
};
