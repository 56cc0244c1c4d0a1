import { defineRoom } from "../room.ts";
import deleteReplaySchedule from "./delete-replay-schedule/definition.ts";
import getReplaySchedule from "./get-replay-schedule/definition.ts";
import listReplaySchedules from "./list-replay-schedules/definition.ts";
import putReplaySchedule from "./put-replay-schedule/definition.ts";
import startScheduledReplay from "./start-scheduled-replay/definition.ts";

export default defineRoom({
  name: "schedules",
  description: "Replays that start by a schedule",
  functions: [
    deleteReplaySchedule,
    getReplaySchedule,
    listReplaySchedules,
    putReplaySchedule,
    startScheduledReplay,
  ],
});
