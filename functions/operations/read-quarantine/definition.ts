import * as Type from "typebox";
import { CURSOR, pageQuery } from "../../../lib/runtime/api/page.ts";
import { PROBLEM, problem } from "../../../lib/runtime/api/problem.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const SUMMARY = {
  recordId: Type.String({ description: "<shard>:<sequence number>" }),
  stream: Type.String(),
  partitionKey: Type.String({ description: "The device's id as the producer sent it" }),
  arrivedAt: Type.String({ format: "date-time" }),
  reason: Type.String(),
  problems: PROBLEM.properties.errors,
  problemCount: Type.Integer({ description: "A listing shows the first few problems" }),
};

export default defineFunction({
  name: "read-quarantine",
  description: "Shows stream records that could not be applied",
  memoryMegabytes: 256,
  timeoutSeconds: 10,
  tables: { quarantine: "read", listings: "read" },
  routes: [
    {
      method: "GET",
      path: "/quarantine",
      summary: "Records that could not be applied, in pages, without their data",
      tag: "quarantine",
      access: "read",
      query: Type.Object(pageQuery(1000, 100)),
      responses: {
        200: {
          description: "A page; the header Link points to the next one",
          content: {
            "application/json": Type.Object({
              records: Type.Array(Type.Object({ ...SUMMARY, dataBytes: Type.Integer() })),
              cursor: Type.Optional(CURSOR),
            }),
          },
        },
        400: problem("A parameter is not valid"),
      },
    },
    {
      method: "GET",
      path: "/quarantine/{recordId}",
      summary: "One record, with its data",
      tag: "quarantine",
      access: "read",
      parameters: Type.Object({ recordId: Type.String({ minLength: 1, maxLength: 256 }) }),
      responses: {
        200: {
          description: "The whole record",
          content: {
            "application/json": Type.Object({
              ...SUMMARY,
              dataBytes: Type.Integer(),
              encoding: Type.Enum(["utf-8", "base64"]),
              data: Type.String({ description: "Encoded as `encoding` says" }),
            }),
          },
        },
        404: problem("There is no such record"),
      },
    },
  ],
});
