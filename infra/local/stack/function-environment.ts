import { ACCOUNT, REGION } from "../../../hosts/lambda-events/stand-ins.ts";
import type { StackAddress } from "./stack-file.ts";

type Endpoints = Omit<StackAddress, "apiUrl" | "lambdaEndpoint">;

/** What AWS's SDKs find: the stack's addresses, and the access key of this start. */
export const localAwsEnvironment = (endpoints: Endpoints): Record<string, string> => ({
  AWS_REGION: REGION,
  AWS_ACCOUNT_ID: ACCOUNT,
  AWS_ACCESS_KEY_ID: endpoints.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: endpoints.credentials.secretAccessKey,
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_ENDPOINT_URL_KINESIS: endpoints.kinesisEndpoint,
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodbEndpoint,
  AWS_ENDPOINT_URL_SFN: endpoints.stepFunctionsEndpoint,
  AWS_ENDPOINT_URL_SCHEDULER: endpoints.schedulerEndpoint,
});

/**
 * What the functions find in their environment, besides what their definitions name. Nothing from the user's
 * own AWS account reaches them: they talk to this machine only.
 */
export const functionEnvironment = (
  endpoints: Endpoints,
  own: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> => ({
  ...Object.fromEntries(Object.entries(own).filter(([name]) => !name.startsWith("AWS_"))),
  ...localAwsEnvironment(endpoints),
  BACKTRACK_INBOX: endpoints.inboxFolder,
  POWERTOOLS_SERVICE_NAME: "backtrack",
  POWERTOOLS_LOG_LEVEL: own.POWERTOOLS_LOG_LEVEL ?? "WARN",
  POWERTOOLS_METRICS_NAMESPACE: "backtrack",
  POWERTOOLS_METRICS_DISABLED: "true",
  POWERTOOLS_TRACE_ENABLED: "false",
});
