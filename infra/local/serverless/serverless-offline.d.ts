/**
 * The part of serverless-offline, and of the hapi server inside it, that we use; the package brings no types.
 */
declare module "serverless-offline" {
  export interface OfflineLog {
    debug(...values: unknown[]): void;
    error(...values: unknown[]): void;
    info(...values: unknown[]): void;
    notice(...values: unknown[]): void;
    verbose(...values: unknown[]): void;
    warning(...values: unknown[]): void;
  }

  export interface GatewayRequest {
    headers: Record<string, string | undefined>;
    /** The parsed Content-Type. */
    mime: string | null;
    payload: unknown;
    readonly info: { readonly id: string };
    readonly response: GatewayResponse | GatewayError;
    readonly raw: { readonly req: { readonly rawHeaders: string[]; readonly url: string } };
  }

  export interface GatewayResponse {
    readonly isBoom?: false;
    readonly statusCode: number;
    readonly source: unknown;
    readonly headers: Record<string, string | undefined>;
  }

  export interface GatewayError extends Error {
    readonly isBoom: true;
    readonly output: {
      readonly statusCode: number;
      readonly payload: { readonly error: string; readonly message: string };
      readonly headers: Record<string, string>;
    };
  }

  export interface GatewayReply {
    code(status: number): GatewayReply;
    type(contentType: string): GatewayReply;
    header(name: string, value: string): GatewayReply;
  }

  export interface GatewayToolkit {
    readonly continue: symbol;
    response(body: unknown): GatewayReply;
  }

  export interface GatewayServer {
    ext(
      event: "onPreHandler" | "onPreResponse",
      method: (request: GatewayRequest, toolkit: GatewayToolkit) => symbol | GatewayReply,
    ): void;
  }

  export default class ServerlessOffline {
    constructor(serverless: unknown, options: Readonly<Record<string, unknown>>, utils: { log: OfflineLog });
    /** Resolves when the HTTP API and the Lambda endpoint listen; exits the process when a port is taken. */
    start(): Promise<void>;
    internals(): { getApiGatewayServer(): GatewayServer };
  }
}
