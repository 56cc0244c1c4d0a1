import { setImmediate } from "node:timers/promises";
import { fileReader } from "../formats/file-reader.ts";
import { FORMATS } from "../formats/registry.ts";
import { runningSha256 } from "./sha256.ts";

/** Reads files of every format that can be read. */
export const recordingReader = fileReader(FORMATS, { sha256: runningSha256, giveWay: () => setImmediate() });
