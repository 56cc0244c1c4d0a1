import { Duration } from "aws-cdk-lib";
import { FunctionUrlAuthType, HttpMethod } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { BacktrackFunction } from "./function.ts";
import { CORS_HEADERS } from "./http-api.ts";
import type { Settings } from "./settings.ts";

export interface IngestUrlProps {
  /** The function whose routes take positions. */
  readonly fn: BacktrackFunction;
  readonly settings: Settings;
}

/**
 * An address of the function itself, where positions are sent without a gateway. Lambda asks nobody who they are; the function does, as
 * behind the gateway. There is no throttle but its reserved concurrency: Lambda refuses more than ten requests a second for each.
 */
export class IngestUrl extends Construct {
  readonly address: string;

  constructor(scope: Construct, id: string, { fn, settings }: IngestUrlProps) {
    super(scope, id);
    // CDK also gives the two permissions that a public address has needed since October 2025: lambda:InvokeFunctionUrl, and
    // lambda:InvokeFunction for calls by the address alone.
    const { url } = fn.entry.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      cors: {
        allowedOrigins: [...settings.corsOrigins],
        allowedMethods: [HttpMethod.POST],
        allowedHeaders: CORS_HEADERS.allowed,
        exposedHeaders: CORS_HEADERS.exposed,
        maxAge: Duration.hours(1),
      },
    });
    this.address = url;
  }
}
