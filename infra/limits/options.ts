import { Command } from "commander";
import { parseTenantId } from "../../lib/core/tenant/tenant-id.ts";
import {
  EVERY_TENANT,
  type LimitsOwner,
  MAXIMUM_TENANT_LIMIT,
  type TenantLimitName,
  UNLIMITED,
} from "../../lib/core/tenant/tenant-limits.ts";
import { checkedBy, parseArguments } from "../command/command-line.ts";
import { wrongUse } from "../command/failure.ts";
import {
  checkTarget,
  type Target,
  withStackOptions,
  withStageOptions,
  withStoreOptions,
} from "../command/target.ts";

type Value = number | typeof UNLIMITED;

export interface LimitsOptions {
  readonly target: Target;
  readonly owner: LimitsOwner;
  /** Empty: only show them. */
  readonly changes: Readonly<Partial<Record<TenantLimitName, Value | null>>>;
}

/** Commander treats null as a missing value. */
const NONE = "none";

type Parsed = Target &
  Readonly<Partial<Record<TenantLimitName, Value | typeof NONE>>> & {
    readonly tenant?: LimitsOwner;
    readonly everyTenant?: true;
  };

const limitIn = (text: string): Value | typeof NONE => {
  if (text === NONE || text === UNLIMITED) return text;
  const limit = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (limit <= MAXIMUM_TENANT_LIMIT) return limit;
  throw new Error(`must be a whole number from 0 to ${MAXIMUM_TENANT_LIMIT}, ${UNLIMITED}, or ${NONE}`);
};

const VALUES = `
\`none\` removes a limit: a tenant then has the one of --every-tenant, if there is one.
\`unlimited\` exempts a tenant from it. Each limit is looked up by itself.
`;

const EXAMPLES = `
Examples:
  npm run limits -- --stage prod --tenant acme
  npm run limits -- --stage prod --tenant acme --devices 100 --requests-per-minute 6000
  npm run limits -- --stage prod --tenant acme --stored-positions none
  npm run limits -- --stage prod --tenant acme --devices unlimited
  npm run limits -- --stage prod --every-tenant --devices 1000`;

/**
 * The command line as options. Raises a CommandFailure with exit code 2 that says what is wrong; `--help`
 * ends the process.
 */
export const parseLimitsOptions = (argv: readonly string[]): LimitsOptions => {
  const program = withStackOptions(withStoreOptions(withStageOptions(new Command("npm run limits --"))))
    .description(
      "Shows and changes how much a tenant may have, in the stack that runs on this machine, on AWS or self-hosted.",
    )
    .option("--tenant <tenant>", "whose limits", checkedBy(parseTenantId))
    .option("--every-tenant", "the limits that hold for each tenant that has no value of its own")
    .option("--devices <number>", "devices that are tracked", checkedBy(limitIn))
    .option("--requests-per-minute <number>", "requests of all its keys together", checkedBy(limitIn))
    .option("--stored-positions <number>", "positions of its devices and recordings", checkedBy(limitIn))
    .option("--replays-at-once <number>", "replays that are playing or paused", checkedBy(limitIn))
    .addHelpText("after", `${VALUES}${EXAMPLES}`);
  const parsed: Parsed = parseArguments(program, argv).opts();
  const { tenant, everyTenant, stage, region, profile, url, data, store, tablePrefix, ...given } = parsed;
  const owner = everyTenant ? EVERY_TENANT : tenant;
  if (owner === undefined || (everyTenant && tenant !== undefined)) {
    throw wrongUse("say whose limits: --tenant or --every-tenant; --help shows what is possible");
  }
  const target = checkTarget({ stage, region, profile, url, data, store, tablePrefix });
  const changes = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value === NONE ? null : value]),
  );
  return { target, owner, changes };
};
