import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AccessLogFormat } from "aws-cdk-lib/aws-apigateway";
import {
  CorsHttpMethod,
  type CorsPreflightOptions,
  HttpApi as GatewayApi,
  HttpIntegrationType,
  HttpMethod,
  HttpRouteIntegration,
  type HttpRouteIntegrationConfig,
  HttpStage,
  type IAccessLogSettings,
  IntegrationCredentials,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from "aws-cdk-lib/aws-apigatewayv2";
import { type IRole, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { ALLOWED_REQUEST_HEADERS, EXPOSED_RESPONSE_HEADERS } from "../../lib/runtime/cors-headers.ts";
import type { BacktrackFunction } from "./function.ts";
import { InlineRole } from "./inline-role.ts";
import { deliveredLogsName, physicalName } from "./names.ts";
import type { Settings } from "./settings.ts";

/**
 * One line per request. The route and not the path, and no query: those name devices, places and, on some
 * routes, keys.
 */
export const ACCESS_LOG = {
  time: "$context.requestTime",
  requestId: "$context.requestId",
  route: "$context.routeKey",
  status: "$context.status",
  latencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
  integrationError: "$context.integrationErrorMessage",
  responseBytes: "$context.responseLength",
  sourceIp: "$context.identity.sourceIp",
  userAgent: "$context.identity.userAgent",
  error: "$context.error.message",
};

/** What an account has for all its APIs, unless AWS gave it more. */
const LARGEST_BURST = 5_000;

/**
 * None unless pages are named: a browser then keeps other sites' pages from reading any answer, or sending
 * more than a form could.
 */
const corsFor = ({ corsOrigins }: Settings): CorsPreflightOptions | undefined =>
  corsOrigins.length === 0
    ? undefined
    : {
        allowOrigins: [...corsOrigins],
        allowMethods: [CorsHttpMethod.ANY],
        allowHeaders: ALLOWED_REQUEST_HEADERS,
        exposeHeaders: EXPOSED_RESPONSE_HEADERS,
        maxAge: Duration.hours(1),
      };

export interface HttpApiProps {
  readonly functions: readonly BacktrackFunction[];
  readonly key: IKey;
  readonly settings: Settings;
}

/**
 * The HTTP API, with the routes of the definitions. It lets everything through to the functions: they check
 * the caller's key, here as everywhere else that they run.
 */
export class HttpApi extends Construct {
  readonly gateway: GatewayApi;
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, { functions, key, settings }: HttpApiProps) {
    super(scope, id);
    this.gateway = new GatewayApi(this, "Gateway", {
      apiName: physicalName(this, "api"),
      description: `Backtrack ${settings.stage}`,
      createDefaultStage: false,
      corsPreflight: corsFor(settings),
    });
    this.stage = new HttpStage(this, "Stage", {
      httpApi: this.gateway,
      autoDeploy: true,
      throttle: {
        rateLimit: settings.requestsPerSecond,
        burstLimit: Math.min(2 * settings.requestsPerSecond, LARGEST_BURST),
      },
      accessLogSettings: settings.hasGatewayLog ? this.#accessLog(key, settings) : undefined,
    });
    const routed = functions.filter(({ definition }) => definition.routes?.length);
    const role = this.#invokeRole(routed);
    for (const fn of routed) this.#addRoutes(fn, role);
  }

  /**
   * The gateway takes it to call a function, and may call these. Without it each function needs a permission
   * of its own.
   */
  #invokeRole(routed: readonly BacktrackFunction[]): IRole {
    const role = new InlineRole(this, "InvokeRole", {
      description: "Backtrack: lets the API call its functions",
      assumedBy: new ServicePrincipal("apigateway.amazonaws.com"),
    });
    const resources = routed.map(({ entry }) => entry.functionArn);
    role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources }));
    return role;
  }

  #accessLog(key: IKey, settings: Settings): IAccessLogSettings {
    const group = new LogGroup(this, "AccessLogs", {
      logGroupName: deliveredLogsName(this, "apigateway", "api"),
      retention: settings.accessLogRetentionDays,
      encryptionKey: key,
      removalPolicy: settings.isProduction ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    return {
      destination: new LogGroupLogDestination(group),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
    };
  }

  #addRoutes({ definition, entry }: BacktrackFunction, role: IRole): void {
    const integration = new InvokedByRole(definition.name, entry, role);
    for (const { method, path } of definition.routes ?? []) {
      this.gateway.addRoutes({ path, methods: [HttpMethod[method]], integration });
    }
  }
}

/** CDK's own integration of a function adds a permission to the function, and takes no role. */
class InvokedByRole extends HttpRouteIntegration {
  readonly #entry: IFunction;
  readonly #role: IRole;

  constructor(id: string, entry: IFunction, role: IRole) {
    super(id);
    this.#entry = entry;
    this.#role = role;
  }

  bind(): HttpRouteIntegrationConfig {
    return {
      type: HttpIntegrationType.AWS_PROXY,
      uri: this.#entry.functionArn,
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      credentials: IntegrationCredentials.fromRole(this.#role),
    };
  }
}
