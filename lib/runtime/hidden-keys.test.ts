import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bearer, COURSE, GUARDED, guardedApi, INGEST, onEveryRoute, READ } from "../../test/guarded-api.ts";
import { call, type HttpEventOptions } from "../../test/http-event.ts";
import { httpFunction } from "./http.ts";

describe("a key never shows", () => {
  const lines: string[] = [];
  beforeEach(() => {
    lines.length = 0;
    // Powertools writes through the global console in this mode only.
    vi.stubEnv("POWERTOOLS_DEV", "true");
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "DEBUG");
    for (const method of ["log", "info", "warn", "error", "debug"] as const) {
      vi.spyOn(console, method).mockImplementation((line: string) => void lines.push(line));
    }
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
  });

  test("in any log line or answer, wherever a caller puts it, and however the request ends", async () => {
    const api = guardedApi();
    const { key, text } = await api.newKey();
    const half = text.slice(0, 40);
    const places: [string, HttpEventOptions][] = [text, half].flatMap(
      (secret): [string, HttpEventOptions][] => [
        [READ, { headers: bearer(secret) }],
        [READ, { headers: { "x-api-key": secret } }],
        [READ, { headers: { ...bearer(text), "x-request-id": secret } }],
        [READ, { headers: bearer(text), query: { key: secret } }],
        [READ, { headers: bearer(text), query: { apikey: secret } }],
        [READ, { headers: bearer(text), query: { [secret]: "1" } }],
        [READ, { headers: bearer(text), path: { deviceId: secret } }],
        [INGEST, { query: { key: secret } }],
        [INGEST, { query: { key: [secret, secret] } }],
        [INGEST, { headers: bearer(text), query: { token: secret }, body: { key: secret } }],
        [COURSE, { headers: bearer(text), query: { device_id: secret } }],
        [COURSE, { headers: bearer(text), query: { device_id: [secret, secret] } }],
      ],
    );
    for (const [routeKey, options] of places) {
      const answer = await api.ask(routeKey, options);
      const shown = JSON.stringify([answer, lines]);
      expect(shown, `${routeKey} ${JSON.stringify(options)}`).not.toContain(text.slice(15, 25));
    }
    expect(lines).toHaveLength(places.length);
    expect(lines.some((line) => JSON.parse(line).keyId === key.keyId)).toBe(true);
  });

  test("in the log of our own mistakes, stack and all", async () => {
    const { text } = await guardedApi().newKey();
    const failing = httpFunction(
      GUARDED,
      onEveryRoute(async () => {
        throw new TypeError(`can't send ${text}`, { cause: new Error(`because of ${text}`) });
      }),
    );
    const answer = await call(failing, READ, { path: { deviceId: "van-7" } });
    expect(answer.status).toBe(500);
    expect(lines.join()).toContain("can't send bt_(hidden)");
    expect(lines.join()).not.toContain(text.slice(15, 25));
  });
});
