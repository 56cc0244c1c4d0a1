import { writeFileSync } from "node:fs";
import { sampleDriveCsv } from "./sample-drive.ts";

/** `node infra/local/sample/generate.ts` rewrites the sample; a test fails when that is due. */
writeFileSync(new URL("./sample-drive.csv", import.meta.url), sampleDriveCsv());
