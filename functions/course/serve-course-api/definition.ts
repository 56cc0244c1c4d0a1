import * as Type from "typebox";
import { POSITION_FIELDS } from "../../../lib/core/position/position.ts";
import { DEVICE_ID } from "../../../lib/runtime/api/device.ts";
import { problem } from "../../../lib/runtime/api/problem.ts";
import { windowSeconds } from "../../../lib/runtime/api/window.ts";
import { defineFunction } from "../../../lib/runtime/definition.ts";

const NONE_HEARD = problem("The device, or any device at all, has never sent a position");
const BAD_PARAMETER = problem("A parameter is not valid");

const DEVICE_QUERY = { device_id: Type.Optional(DEVICE_ID) };
const WINDOW_QUERY = Type.Object({
  time_window_seconds: windowSeconds(),
  ...DEVICE_QUERY,
});

const GPS_STATE = Type.Object({
  timestamp: Type.Number({ description: "Seconds since 1970" }),
  ...Object.fromEntries(
    POSITION_FIELDS.map(({ courseName, required }) => [
      courseName,
      required ? Type.Number() : Type.Union([Type.Number(), Type.Null()]),
    ]),
  ),
});

const COURSE = { tag: "course", access: "read" } as const;

export default defineFunction({
  name: "serve-course-api",
  description: "The course's four endpoints, for its clients",
  memoryMegabytes: 512,
  timeoutSeconds: 25,
  reportsDamage: "segments",
  tables: { devices: "read", tracks: "read", tasks: "readWrite", listings: "readWrite", claims: "readWrite" },
  limits: ["tasksWaiting", "tasksWaitingPerKey", "taskKeptDays"],
  starts: ["average-speed"],
  routes: [
    {
      ...COURSE,
      method: "GET",
      path: "/gps_state",
      summary:
        "The newest position, in the course's form; without device_id, of the device heard from last, among up to 100",
      query: Type.Object(DEVICE_QUERY),
      responses: {
        200: { description: "13 fields", content: { "application/json": GPS_STATE } },
        400: BAD_PARAMETER,
        404: NONE_HEARD,
      },
    },
    {
      ...COURSE,
      method: "GET",
      path: "/compute_avg_speed",
      summary: "Average speed over the window that ends at the newest position",
      query: WINDOW_QUERY,
      responses: {
        200: { description: "Metres per second", content: { "application/json": Type.Number() } },
        400: BAD_PARAMETER,
        404: NONE_HEARD,
      },
    },
    {
      ...COURSE,
      method: "POST",
      path: "/request_to_compute_avg_speed",
      summary: "Ask for the average speed over the window that begins now",
      query: WINDOW_QUERY,
      responses: {
        200: {
          description: "The task's id",
          content: { "application/json": Type.String({ format: "uuid" }) },
        },
        400: BAD_PARAMETER,
        404: NONE_HEARD,
      },
    },
    {
      ...COURSE,
      method: "GET",
      path: "/get_avg_speed_task_status",
      summary: "The status of a task",
      query: Type.Object({ task_id: Type.String({ format: "uuid" }), ...DEVICE_QUERY }),
      responses: {
        200: {
          description: "The status, with the result in metres per second once it is DONE",
          content: {
            "application/json": Type.Object({
              status: Type.Enum(["REQUESTED", "DONE", "FAILED"]),
              result: Type.Optional(Type.Number()),
              reason: Type.Optional(Type.String({ description: "Why it FAILED" })),
            }),
          },
        },
        400: BAD_PARAMETER,
        404: problem("There is no such task"),
      },
    },
  ],
});
