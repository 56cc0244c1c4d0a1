import * as Type from "typebox";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

export default defineFunction({
  name: "redrive-record",
  description: "Puts a quarantined record back onto the stream",
  memoryMegabytes: 256,
  timeoutSeconds: 15,
  tables: { quarantine: "readWrite", listings: "write" },
  publishesTo: ["positions"],
  routes: [
    {
      method: "POST",
      path: "/quarantine/{recordId}/redrive",
      summary: "Put a record back onto the stream and remove it from quarantine",
      tag: "quarantine",
      access: "control",
      parameters: Type.Object({ recordId: Type.String({ minLength: 1, maxLength: 256 }) }),
      responses: {
        202: {
          description:
            "The record is on the stream again. If it still can't be applied, it returns to quarantine as a new record",
          content: { "application/json": Type.Object({ recordId: Type.String(), deviceId: Type.String() }) },
        },
        404: problem("There is no such record"),
        429: problem("The stream is full; try again later"),
      },
    },
  ],
});
