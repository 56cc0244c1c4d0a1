import { defineRoom } from "../room.ts";
import computeAverageSpeed from "./compute-average-speed/definition.ts";
import failTask from "./fail-task/definition.ts";
import getTask from "./get-task/definition.ts";
import listTasks from "./list-tasks/definition.ts";
import requestAverageSpeed from "./request-average-speed/definition.ts";

export default defineRoom({
  name: "tasks",
  description: "Work requested now and answered later",
  functions: [computeAverageSpeed, failTask, getTask, listTasks, requestAverageSpeed],
  workflows: ["average-speed"],
});
