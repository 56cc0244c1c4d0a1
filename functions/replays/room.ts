import { defineRoom } from "../room.ts";
import continueReplay from "./continue-replay/definition.ts";
import controlReplay from "./control-replay/definition.ts";
import createReplay from "./create-replay/definition.ts";
import deleteReplay from "./delete-replay/definition.ts";
import failReplay from "./fail-replay/definition.ts";
import getReplay from "./get-replay/definition.ts";
import listReplays from "./list-replays/definition.ts";
import playReplay from "./play-replay/definition.ts";

export default defineRoom({
  name: "replays",
  description: "Replays of recordings: created, controlled, played by a workflow",
  functions: [
    continueReplay,
    controlReplay,
    createReplay,
    deleteReplay,
    failReplay,
    getReplay,
    listReplays,
    playReplay,
  ],
  workflows: ["replay"],
});
