import type { WorkflowName } from "../../lib/resources/workflow.ts";
import averageSpeed from "../../workflows/average-speed.asl.json" with { type: "json" };
import eraseDevice from "../../workflows/erase-device.asl.json" with { type: "json" };
import importRecording from "../../workflows/import-recording.asl.json" with { type: "json" };
import replay from "../../workflows/replay.asl.json" with { type: "json" };

/** Every workflow's ASL. Imported and not read, so that a bundle of the engine holds it. */
export const WORKFLOW_DEFINITIONS: Readonly<Record<WorkflowName, object>> = {
  replay,
  "average-speed": averageSpeed,
  "import-recording": importRecording,
  "erase-device": eraseDevice,
};
