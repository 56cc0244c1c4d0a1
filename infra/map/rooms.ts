import { ROOMS } from "../../functions/manifest.ts";
import type { Room } from "../../functions/room.ts";
import { schedulesOf, startsOf, writesOf } from "./road.ts";

/** The rooms as a table in Markdown: what each is for, and the functions in it. */
export const roomsTable = (rooms: readonly Room[] = ROOMS): string[] => [
  "| room | what it is for | functions |",
  "|---|---|---|",
  ...rooms.map(
    ({ name, description, functions, selfHosted = [] }) =>
      `| [${name}](functions/${name}) | ${description} | ${[...functions, ...selfHosted].map((each) => each.name).join(", ")} |`,
  ),
];

/** Every function of a room with what starts it and what it changes. */
export const roomSection = ({ name, description, functions, selfHosted = [] }: Room): string[] => [
  `### ${name}`,
  `${description}.`,
  "",
  "| function | started by | writes, sends, starts |",
  "|---|---|---|",
  ...[...functions, ...selfHosted].map((definition) => {
    const changes = [
      ...writesOf(definition),
      ...(definition.publishesTo ?? []).map((stream) => `stream ${stream}`),
      ...(definition.starts ?? []).map((workflow) => `workflow ${workflow}`),
      ...schedulesOf(definition).map((group) => `schedules of ${group}`),
    ];
    // Its route is only how a clock calls it.
    const starters = definition.cron ? ["a clock, outside AWS"] : startsOf(definition);
    const starts = starters.map((start) => (/^[A-Z]/.test(start) ? `\`${start}\`` : start));
    const link = `[${definition.name}](../functions/${name}/${definition.name})`;
    return `| ${link} | ${starts.join(", ")} | ${changes.join(", ")} |`;
  }),
  "",
];
