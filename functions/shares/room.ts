import { defineRoom } from "../room.ts";
import createShare from "./create-share/definition.ts";
import deleteShare from "./delete-share/definition.ts";
import readShares from "./read-shares/definition.ts";
import showShared from "./show-shared/definition.ts";

export default defineRoom({
  name: "shares",
  description: "Links that show somebody without a key one device or recording, for a time",
  functions: [createShare, deleteShare, readShares, showShared],
});
