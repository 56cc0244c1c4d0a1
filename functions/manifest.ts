import type { FunctionDefinition } from "../lib/runtime/definition.ts";
import acceptPositions from "./accept-positions/definition.ts";
import getAverageSpeed from "./get-average-speed/definition.ts";
import getDevice from "./get-device/definition.ts";
import getHealth from "./get-health/definition.ts";
import getOpenapi from "./get-openapi/definition.ts";
import getTrack from "./get-track/definition.ts";
import listDevices from "./list-devices/definition.ts";
import readQuarantine from "./read-quarantine/definition.ts";
import serveCourseApi from "./serve-course-api/definition.ts";

/** Every function, once. A folder that is missing here is not deployed; a test says so. */
export const MANIFEST: readonly FunctionDefinition[] = [
  acceptPositions,
  getAverageSpeed,
  getDevice,
  getHealth,
  getOpenapi,
  getTrack,
  listDevices,
  readQuarantine,
  serveCourseApi,
];
