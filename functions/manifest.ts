import type { FunctionDefinition } from "../lib/runtime/definition.ts";
import course from "./course/room.ts";
import devices from "./devices/room.ts";
import ingest from "./ingest/room.ts";
import operations from "./operations/room.ts";
import recordings from "./recordings/room.ts";
import replays from "./replays/room.ts";
import type { Room } from "./room.ts";
import schedules from "./schedules/room.ts";
import shares from "./shares/room.ts";
import tasks from "./tasks/room.ts";
import tracks from "./tracks/room.ts";

/** Every room, once. A folder of functions/ that is missing here is not deployed; a test says so. */
export const ROOMS: readonly Room[] = [
  ingest,
  devices,
  tracks,
  recordings,
  replays,
  schedules,
  shares,
  tasks,
  operations,
  course,
];

/** Every function of every room. */
export const MANIFEST: readonly FunctionDefinition[] = ROOMS.flatMap(({ functions }) => functions);

/** What runs besides where no service of AWS does it. */
export const SELF_HOSTED: readonly FunctionDefinition[] = ROOMS.flatMap(({ selfHosted = [] }) => selfHosted);

const folders = new Map(
  ROOMS.flatMap(({ name: room, functions, selfHosted = [] }) =>
    [...functions, ...selfHosted].map(({ name }) => [name, `functions/${room}/${name}`]),
  ),
);

/**
 * A function's folder, from the root of the project: `functions/replays/play-replay`. Raises RangeError if
 * there is no such function.
 */
export const folderOf = (functionName: string): string => {
  const folder = folders.get(functionName);
  if (!folder) throw new RangeError(`no room has a function ${functionName}`);
  return folder;
};
