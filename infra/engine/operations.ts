import type { Registry } from "prom-client";
import type { Answer } from "../../engines/server/http-server.ts";
import type { Readiness } from "./readiness.ts";
import { ROLES, type Role } from "./settings.ts";

export interface OperationsOptions {
  readonly registry: Registry;
  readiness(role?: Role): Promise<Readiness>;
}

/**
 * What watches the engine asks: /metrics (Prometheus), /healthz (200 while the process answers at all) and
 * /readyz (200 or 503, with the reasons as JSON; `?role=workflows` asks for the engine that does it).
 */
export const operationsApi = ({ registry, readiness }: OperationsOptions): Answer => {
  return async ({ method, url }) => {
    const { pathname, searchParams } = new URL(url, "http://engine");
    if (method !== "GET" && method !== "HEAD") return plain(405, "GET is served");
    if (pathname === "/healthz") return plain(200, "ok");
    if (pathname === "/metrics") {
      return {
        status: 200,
        headers: { "content-type": registry.contentType },
        body: await registry.metrics(),
      };
    }
    if (pathname !== "/readyz") return plain(404, "/metrics, /healthz and /readyz are served");
    const role = searchParams.get("role");
    const known = ROLES.find((name) => name === role);
    if (role !== null && !known) return plain(400, `role must be one of ${ROLES.join(", ")}`);
    const answer = await readiness(known);
    const headers = { "content-type": "application/json", "cache-control": "no-store" };
    return { status: answer.ready ? 200 : 503, headers, body: JSON.stringify(answer) };
  };
};

const plain = (status: number, text: string) => ({
  status,
  headers: { "content-type": "text/plain" },
  body: `${text}\n`,
});
