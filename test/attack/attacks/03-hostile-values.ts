import { equal, ok } from "node:assert/strict";
import { MANIFEST } from "../../../functions/manifest.ts";
import type { Route } from "../../../lib/runtime/definition.ts";
import type { SchemaNode } from "../../../lib/runtime/schema-rule.ts";
import type { Attack } from "../attack.ts";
import type { SentRequest, Target } from "../target.ts";

const NESTING = 20_000;
const NESTED = "[".repeat(NESTING) + "]".repeat(NESTING);

/** As JSON. */
const HOSTILE_VALUES = [
  "5e-324",
  "1e400",
  "-0",
  "null",
  '{"toString":1}',
  '{"__proto__":1}',
  '"\\ud800"',
  NESTED,
];
const HOSTILE_TEXTS = ["5e-324", "1e400", "-0", "NaN", "\u0000", "\ud800", "x".repeat(5000)];

const ROUTES = MANIFEST.flatMap(({ routes = [] }) => routes);

const fieldsOf = (schema: SchemaNode | undefined): string[] => Object.keys(schema?.properties ?? {});

const pathOf = ({ path }: Route): string => path.replaceAll(/\{\w+\}/g, "none");

/** Sends the requests a few at a time; no answer may be a failure of the service. */
const sendAll = async ({ send, signal }: Target, requests: readonly SentRequest[]): Promise<string> => {
  const waiting = [...requests];
  const work = async (): Promise<void> => {
    for (let request = waiting.pop(); request && !signal.aborted; request = waiting.pop()) {
      const { status, text } = await send(request);
      const what = `${request.method} ${request.path.slice(0, 80)} ${String(request.body ?? "").slice(0, 60)}`;
      ok(status < 500, `${what} was answered ${status}: ${text.slice(0, 100)}`);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return `${requests.length} requests`;
};

export const attacks: readonly Attack[] = [
  {
    finding: 3,
    name: "an element without text",
    sends: 'POST positions [{good}, {"deviceId":{"toString":1}}]',
    healthy: "202: the good one accepted, the other rejected",
    async run({ send, newDeviceId }) {
      const good = { timestamp: Date.now() - 1000, latitude: 46, longitude: 14.5 };
      const path = `/devices/${newDeviceId()}/positions`;
      const { status, json } = await send({
        method: "POST",
        path,
        body: [good, { deviceId: { toString: 1 } }],
      });
      equal(status, 202);
      equal(json.accepted, 1);
      equal(json.rejected[0].index, 1);
      return undefined;
    },
  },
  {
    finding: 3,
    name: "hostile values in every field",
    sends: `in every field of every JSON body: numbers too small and too large, objects without text, nesting of ${NESTING}`,
    healthy: "no answer above 499",
    timeLimitSeconds: 40,
    run: (target) => {
      const position = (value: string) => `{"timestamp":1,"latitude":1,"longitude":1,"deviceId":${value}}`;
      const bodies = ROUTES.flatMap((route) =>
        fieldsOf(route.body?.schema as SchemaNode | undefined).flatMap((field) =>
          HOSTILE_VALUES.map((value): SentRequest => {
            return { method: route.method, path: pathOf(route), body: `{"${field}":${value}}` };
          }),
        ),
      );
      const positions = HOSTILE_VALUES.flatMap((value) =>
        [value, position(value), `[${position(value)}]`].map((body): SentRequest => {
          return { method: "POST", path: "/devices/none/positions", body };
        }),
      );
      return sendAll(target, [...bodies, ...positions]);
    },
  },
  {
    finding: 3,
    name: "hostile values in every parameter",
    sends:
      "in every query and path parameter: numbers too small and too large, control characters, half a character",
    healthy: "no answer above 499",
    timeLimitSeconds: 40,
    run: (target) => {
      const encoded = HOSTILE_TEXTS.map((text) => encodeURIComponent(text.toWellFormed()));
      const requests = ROUTES.flatMap((route) =>
        [
          ...fieldsOf(route.query as SchemaNode | undefined).flatMap((field) =>
            encoded.map((text) => `${pathOf(route)}?${field}=${text}`),
          ),
          ...(route.path.includes("{") ? ["%00", "%ED%A0%80", "%zz", "..%2f", "%F0%9F%98%80"] : []).map(
            (text) => route.path.replaceAll(/\{\w+\}/g, text),
          ),
        ].map((path): SentRequest => ({ method: route.method, path })),
      );
      return sendAll(target, requests);
    },
  },
  {
    finding: 3,
    name: "denormal window",
    sends: "windowSeconds=5e-324 for a device that was heard",
    healthy: "400 that names windowSeconds",
    async run({ send, drive, newDeviceId }) {
      const deviceId = newDeviceId();
      await drive(deviceId);
      const query = "windowSeconds=5e-324";
      const now = await send({ path: `/devices/${deviceId}/average-speed?${query}` });
      const later = await send({ method: "POST", path: `/devices/${deviceId}/average-speed-tasks?${query}` });
      for (const { status, json } of [now, later]) {
        equal(status, 400);
        equal(json.errors[0].field, "windowSeconds");
      }
      return undefined;
    },
  },
];
