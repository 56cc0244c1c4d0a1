import { writeFileSync } from "node:fs";
import { sampleDriveCsv } from "./sample-drive.ts";

/** `node infra/local/sample/generate.ts` writes the sample anew; a test says when that is due. */
writeFileSync(new URL("./sample-drive.csv", import.meta.url), sampleDriveCsv());
