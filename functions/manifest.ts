import type { FunctionDefinition } from "../lib/runtime/definition.ts";
import acceptPositions from "./accept-positions/definition.ts";
import getDevice from "./get-device/definition.ts";
import getHealth from "./get-health/definition.ts";
import getOpenapi from "./get-openapi/definition.ts";
import listDevices from "./list-devices/definition.ts";
import readQuarantine from "./read-quarantine/definition.ts";

/** Every function, once. A folder that is missing here is not deployed; a test says so. */
export const MANIFEST: readonly FunctionDefinition[] = [
  acceptPositions,
  getDevice,
  getHealth,
  getOpenapi,
  listDevices,
  readQuarantine,
];
