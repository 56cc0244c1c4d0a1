import * as Type from "typebox";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { IMPORTED_RECORDING } from "../../../lib/runtime/api/recording.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "upload-recording",
  description: "Imports a recorded drive from a CSV file",
  // A full body is about 60,000 rows: its text several times over, plus the columns.
  memoryMegabytes: 1024,
  timeoutSeconds: 29,
  tables: { recordings: "readWrite", tracks: "readWrite", listings: "readWrite", devices: "read" },
  routes: [
    {
      method: "POST",
      path: "/recordings",
      summary: "Import a recorded drive; importing the same file again changes nothing",
      tag: "recordings",
      access: "control",
      query: Type.Object({
        name: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 200,
            description: "Default: the date of its first position",
          }),
        ),
      }),
      body: {
        contentTypes: ["text/csv"],
        description:
          "CSV with a header line: our field names or the course's, in any order; other columns are ignored. " +
          "A row that breaks a rule is left out and reported; the others are imported.",
      },
      responses: {
        200: {
          description: "The same file was imported before under the same name",
          content: { "application/json": IMPORTED_RECORDING },
        },
        201: { description: "Imported", content: { "application/json": IMPORTED_RECORDING } },
        400: problem("The file has no header that names the columns, or no valid row"),
        413: problem("The file is too large for one request"),
        415: problem("The file is not text, or is declared as something else"),
      },
    },
  ],
});
