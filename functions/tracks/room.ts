import { defineRoom } from "../room.ts";
import getAverageSpeed from "./get-average-speed/definition.ts";
import getTrack from "./get-track/definition.ts";

export default defineRoom({
  name: "tracks",
  description: "The history of a device: its track and its speed",
  functions: [getAverageSpeed, getTrack],
});
