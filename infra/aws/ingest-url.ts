import { Duration } from "aws-cdk-lib";
import { FunctionUrlAuthType, HttpMethod } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { ALLOWED_REQUEST_HEADERS, EXPOSED_RESPONSE_HEADERS } from "../../lib/runtime/cors-headers.ts";
import type { BacktrackFunction } from "./function.ts";
import type { Settings } from "./settings.ts";

export interface IngestUrlProps {
  /** The function whose routes take positions. */
  readonly fn: BacktrackFunction;
  readonly settings: Settings;
}

/**
 * An address of the function itself, where positions are sent without a gateway. Lambda asks nobody who they
 * are; the function does, as behind the gateway. There is no throttle but its reserved concurrency: Lambda
 * refuses more than ten requests a second for each.
 */
export class IngestUrl extends Construct {
  readonly address: string;

  constructor(scope: Construct, id: string, { fn, settings }: IngestUrlProps) {
    super(scope, id);
    // CDK also gives the two permissions that a public address has needed since October 2025:
    // lambda:InvokeFunctionUrl, and lambda:InvokeFunction for calls by the address alone.
    const { url } = fn.entry.addFunctionUrl({
      authType: FunctionUrlAuthType.NONE,
      // No page of another site, unless the deployment names it.
      ...(settings.corsOrigins.length > 0 && {
        cors: {
          allowedOrigins: [...settings.corsOrigins],
          allowedMethods: [HttpMethod.POST],
          allowedHeaders: ALLOWED_REQUEST_HEADERS,
          exposedHeaders: EXPOSED_RESPONSE_HEADERS,
          maxAge: Duration.hours(1),
        },
      }),
    });
    this.address = url;
  }
}
