import { Command } from "commander";
import { SCOPES, type Scope } from "../../lib/core/access/api-key.ts";
import { keyIdIn, withoutKeys } from "../../lib/core/access/key-text.ts";
import { DEFAULT_TENANT, parseTenantId } from "../../lib/core/tenant/tenant-id.ts";
import { checkedBy, parseArguments } from "../command/command-line.ts";
import { wrongUse } from "../command/failure.ts";
import {
  checkTarget,
  type Target,
  withStackOptions,
  withStageOptions,
  withStoreOptions,
} from "../command/target.ts";
import { expirySeconds } from "./expiry.ts";

export type KeysOptions = { readonly target: Target; readonly json: boolean } & (
  | {
      readonly action: "create";
      readonly name: string;
      readonly scopes: readonly Scope[];
      readonly tenant?: string;
      readonly devicePrefix?: string;
      readonly expiresAtSeconds?: number;
    }
  | { readonly action: "list"; readonly tenant?: string }
  | { readonly action: "revoke"; readonly keyIds: readonly string[] }
);

interface Parsed extends Target {
  readonly json?: boolean;
  readonly name: string;
  readonly scope: readonly Scope[];
  readonly tenant?: string;
  readonly devicePrefix?: string;
  readonly expires?: number;
}

const scopesIn = (text: string): Scope[] =>
  text.split(",").map((part) => {
    const scope = SCOPES.find((each) => each === part.trim());
    if (!scope) throw new Error(`must be one or more of ${SCOPES.join(",")}`);
    return scope;
  });

const EXAMPLES = `
Examples:
  npm run keys -- create --stage prod --name "phone of van 7" --scope ingest --device-prefix van-7. --expires 365d
  npm run keys -- create --stage prod --name dashboard --scope read
  npm run keys -- create --stage prod --tenant acme --name "all of acme" --scope ingest,read,control
  npm run keys -- list --stage prod
  npm run keys -- revoke --stage prod 0Ab3dE5fG7h
  npm run keys -- create --store http://store:8000 --name dashboard --scope read`;

/**
 * The command line as options. Raises a CommandFailure with exit code 2 that says what is wrong; `--help`
 * ends the process.
 */
export const parseKeysOptions = (argv: readonly string[], nowMs: number): KeysOptions => {
  let options: KeysOptions | undefined;
  const program = new Command("npm run keys --")
    .description(
      "Creates, lists and revokes the API's keys: of the stack that runs on this machine, of a stage on AWS, or of a\n" +
        "self-hosted stack.",
    )
    .addHelpText("after", EXAMPLES);
  const action = (name: string, description: string): Command =>
    withStackOptions(withStoreOptions(withStageOptions(program.command(name))))
      .description(description)
      .option("--json", "print JSON");

  action("create", "creates a key and prints it, this once")
    .requiredOption("--name <name>", "for people: whose key it is")
    .requiredOption(
      "--scope <scopes>",
      `what it may do: one or more of ${SCOPES.join(",")}`,
      checkedBy(scopesIn),
    )
    .option("--tenant <tenant>", `whose data it opens (default: ${DEFAULT_TENANT})`, checkedBy(parseTenantId))
    .option(
      "--device-prefix <prefix>",
      "only for this device, and devices whose id goes on with one of . _ : @ -",
    )
    .option(
      "--expires <when>",
      "after a period (12h, 90d, 4w) or at a time (2027-01-31T00:00:00Z) (default: never)",
      checkedBy((text) => expirySeconds(text, nowMs)),
    )
    .action(({ name, scope: scopes, tenant, devicePrefix, expires: expiresAtSeconds, ...rest }: Parsed) => {
      options = {
        action: "create",
        name,
        scopes,
        ...(tenant !== undefined && { tenant }),
        devicePrefix,
        expiresAtSeconds,
        ...common(rest),
      };
    });
  action("list", "lists the keys, without their secrets")
    .option("--tenant <tenant>", "only keys of this tenant", checkedBy(parseTenantId))
    .action(({ tenant, ...parsed }: Parsed) => {
      options = { action: "list", ...(tenant !== undefined && { tenant }), ...common(parsed) };
    });
  action("revoke", "revokes keys; a key that is already gone is no error")
    .argument("<id...>", "ids of keys, as `list` shows them; or whole keys, such as one that was leaked")
    .action((texts: string[], parsed: Parsed) => {
      options = {
        action: "revoke",
        keyIds: texts.map((text) => keyIdIn(text) ?? withoutKeys(text)),
        ...common(parsed),
      };
    });

  // Commander would print the whole help and exit as if it had been asked to.
  if (argv.length > 0) parseArguments(program, argv);
  if (!options) throw wrongUse("say what to do: create, list or revoke; --help shows what is possible");
  return options;
};

const common = ({ json = false, ...target }: Target & { readonly json?: boolean }) => ({
  target: checkTarget(target),
  json,
});
