import type { FunctionDefinition } from "../lib/runtime/definition.ts";
import acceptPositions from "./accept-positions/definition.ts";
import checkRecordingFile from "./check-recording-file/definition.ts";
import computeAverageSpeed from "./compute-average-speed/definition.ts";
import continueReplay from "./continue-replay/definition.ts";
import controlReplay from "./control-replay/definition.ts";
import createReplay from "./create-replay/definition.ts";
import deleteDevice from "./delete-device/definition.ts";
import deleteRecording from "./delete-recording/definition.ts";
import deleteReplay from "./delete-replay/definition.ts";
import deleteReplaySchedule from "./delete-replay-schedule/definition.ts";
import eraseDevice from "./erase-device/definition.ts";
import failReplay from "./fail-replay/definition.ts";
import failTask from "./fail-task/definition.ts";
import getAverageSpeed from "./get-average-speed/definition.ts";
import getDevice from "./get-device/definition.ts";
import getHealth from "./get-health/definition.ts";
import getOpenapi from "./get-openapi/definition.ts";
import getRecording from "./get-recording/definition.ts";
import getReplay from "./get-replay/definition.ts";
import getReplaySchedule from "./get-replay-schedule/definition.ts";
import getTask from "./get-task/definition.ts";
import getTrack from "./get-track/definition.ts";
import importRecording from "./import-recording/definition.ts";
import listDevices from "./list-devices/definition.ts";
import listRecordings from "./list-recordings/definition.ts";
import listReplaySchedules from "./list-replay-schedules/definition.ts";
import listReplays from "./list-replays/definition.ts";
import listTasks from "./list-tasks/definition.ts";
import playReplay from "./play-replay/definition.ts";
import putReplaySchedule from "./put-replay-schedule/definition.ts";
import readQuarantine from "./read-quarantine/definition.ts";
import redriveRecord from "./redrive-record/definition.ts";
import repairDevice from "./repair-device/definition.ts";
import reportImport from "./report-import/definition.ts";
import requestAverageSpeed from "./request-average-speed/definition.ts";
import serveCourseApi from "./serve-course-api/definition.ts";
import showLinks from "./show-links/definition.ts";
import startImport from "./start-import/definition.ts";
import startScheduledReplay from "./start-scheduled-replay/definition.ts";
import storeRecordingFile from "./store-recording-file/definition.ts";
import trackDevices from "./track-devices/definition.ts";

/** Every function, once. A folder that is missing here is not deployed; a test says so. */
export const MANIFEST: readonly FunctionDefinition[] = [
  acceptPositions,
  checkRecordingFile,
  computeAverageSpeed,
  continueReplay,
  controlReplay,
  createReplay,
  deleteDevice,
  deleteRecording,
  deleteReplaySchedule,
  deleteReplay,
  eraseDevice,
  failReplay,
  failTask,
  getAverageSpeed,
  getDevice,
  getHealth,
  getOpenapi,
  getRecording,
  getReplaySchedule,
  getReplay,
  getTask,
  getTrack,
  importRecording,
  listDevices,
  listRecordings,
  listReplaySchedules,
  listReplays,
  listTasks,
  playReplay,
  putReplaySchedule,
  readQuarantine,
  repairDevice,
  redriveRecord,
  reportImport,
  requestAverageSpeed,
  serveCourseApi,
  showLinks,
  startImport,
  startScheduledReplay,
  storeRecordingFile,
  trackDevices,
];
