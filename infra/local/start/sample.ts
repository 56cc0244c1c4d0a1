import { resolve } from "node:path";

/** What is replayed if no file is named. */
export const SAMPLE = {
  path: resolve(import.meta.dirname, "../sample/sample-drive.csv"),
  name: "sample drive",
  deviceId: "demo",
};
