import { REGION } from "../../../hosts/lambda-events/stand-ins.ts";
import type { BucketName } from "../../../lib/resources/bucket.ts";
import { ALLOWED_REQUEST_HEADERS, EXPOSED_RESPONSE_HEADERS } from "../../../lib/runtime/cors-headers.ts";
import type { AccessMode, FunctionDefinition } from "../../../lib/runtime/definition.ts";
import { environmentOf } from "../../engine/names.ts";

/** One function in the Serverless Framework's configuration. */
export interface ServiceFunction {
  readonly name: string;
  readonly handler: string;
  readonly memorySize: number;
  readonly timeout: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly events: readonly { httpApi: string }[];
}

/** The part of the Serverless Framework's service that serverless-offline reads. */
export interface Service {
  readonly service: string;
  readonly provider: Readonly<Record<string, unknown>>;
  readonly custom: Readonly<Record<string, unknown>>;
  readonly functions: Readonly<Record<string, ServiceFunction>>;
}

export interface ServiceOptions {
  readonly access: AccessMode;
  /** Folders as file: URLs. */
  readonly buckets: Readonly<Record<BucketName, string>>;
  /** Settings that replace the defaults of definitions. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly ports: ServicePorts;
  /** Web pages that may use the API, besides its own. */
  readonly allowedOrigins: readonly string[];
}

export interface ServicePorts {
  readonly http: number;
  readonly lambda: number;
}

/**
 * What serverless-offline runs, derived from the functions' definitions: nothing about a function is written
 * here.
 */
export const serviceOf = (
  definitions: readonly FunctionDefinition[],
  { access, buckets, settings, ports, allowedOrigins }: ServiceOptions,
): Service => ({
  service: "backtrack",
  provider: {
    name: "aws",
    runtime: "nodejs24.x",
    architecture: "arm64",
    region: REGION,
    stage: "local",
    httpApi: {
      payload: "2.0",
      cors: {
        // serverless-offline answers preflights of only these; the gate has refused all others. Never empty:
        // hapi needs one.
        allowedOrigins: [`http://127.0.0.1:${ports.http}`, ...allowedOrigins],
        allowedMethods: ["GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"],
        allowedHeaders: ALLOWED_REQUEST_HEADERS,
        exposedResponseHeaders: EXPOSED_RESPONSE_HEADERS,
        maxAge: 600,
      },
    },
  },
  custom: {
    "serverless-offline": {
      host: "127.0.0.1",
      httpPort: ports.http,
      lambdaPort: ports.lambda,
      noPrependStageInUrl: true,
      useInProcess: true,
      // A malformed cookie from another site on 127.0.0.1 is no reason to refuse a request.
      disableCookieValidation: true,
    },
  },
  functions: Object.fromEntries(
    definitions.map((definition) => [
      definition.name,
      {
        name: definition.name,
        handler: `infra/local/serverless/functions.handlers.${definition.name}`,
        memorySize: definition.memoryMegabytes,
        timeout: definition.timeoutSeconds,
        environment: environmentOf(definition, { access, buckets, settings }),
        events: (definition.routes ?? []).map(({ method, path }) => ({ httpApi: `${method} ${path}` })),
      },
    ]),
  ),
});
