import { defineRoom } from "../room.ts";
import acceptPositions from "./accept-positions/definition.ts";
import trackDevices from "./track-devices/definition.ts";

export default defineRoom({
  name: "ingest",
  description: "Positions in: over HTTP onto the stream, and from the stream into state and tracks",
  functions: [acceptPositions, trackDevices],
});
