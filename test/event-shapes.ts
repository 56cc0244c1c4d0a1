import * as Type from "typebox";
import { REJECTED_ROWS } from "../lib/runtime/api/recording.ts";
import { IMPORT_RESULT } from "../lib/runtime/api/task.ts";

/*
 * What AWS's services send to functions, field by field as documented, and nothing else: a field that a
 * service does not send is as wrong as a missing one.
 */

const shape = <Properties extends Type.TProperties>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });
const text = (pattern: string) => Type.String({ pattern });
const optional = Type.Optional;

const ACCOUNT = text("^\\d{12}$");
const REGION = text("^[a-z]{2}(-[a-z]+)+-\\d$");
const SECONDS_UTC = text("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$");
const TEXTS = Type.Record(Type.String(), Type.String());

/** The called function, in each of the two forms. */
const GATEWAY = {
  accountId: ACCOUNT,
  apiId: text("^[a-z0-9]{10}$"),
  domainName: text("^[a-z0-9]{10}\\.execute-api\\.[a-z0-9-]+\\.amazonaws\\.com$"),
  domainPrefix: text("^[a-z0-9]{10}$"),
  requestId: text("^[\\w-]{15}=$"),
};
const OWN_ADDRESS = {
  accountId: Type.Literal("anonymous"),
  apiId: text("^[a-z0-9]{32}$"),
  domainName: text("^[a-z0-9]{32}\\.lambda-url\\.[a-z0-9-]+\\.on\\.aws$"),
  domainPrefix: text("^[a-z0-9]{32}$"),
  requestId: text("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
};

/**
 * API Gateway, HTTP API, payload format 2.0. Header names arrive in lower case; empty fields are left out.
 */
const httpEventOf = <Called extends Type.TProperties>(routeKey: string, called: Called) =>
  shape({
    version: Type.Literal("2.0"),
    routeKey: text(routeKey),
    rawPath: text("^/"),
    rawQueryString: Type.String(),
    cookies: optional(Type.Array(Type.String(), { minItems: 1 })),
    headers: Type.Record(text("^[a-z0-9-]+$"), Type.String(), { additionalProperties: false }),
    queryStringParameters: optional(TEXTS),
    requestContext: shape({
      ...called,
      http: shape({
        method: Type.Enum(["GET", "POST", "PATCH", "PUT", "DELETE"]),
        path: text("^/"),
        protocol: text("^HTTP/\\d\\.\\d$"),
        sourceIp: text("^[0-9a-f.:]+$"),
        userAgent: Type.String(),
      }),
      routeKey: Type.String(),
      stage: Type.Literal("$default"),
      time: text("^\\d\\d/[A-Z][a-z]{2}/\\d{4}:\\d\\d:\\d\\d:\\d\\d \\+0000$"),
      timeEpoch: Type.Integer(),
    }),
    pathParameters: optional(TEXTS),
    stageVariables: optional(TEXTS),
    body: optional(Type.String()),
    isBase64Encoded: Type.Boolean(),
  });

export const HTTP_EVENT = httpEventOf("^(GET|POST|PATCH|PUT|DELETE) /\\S*$", GATEWAY);
/**
 * A Lambda function URL without AWS's own authentication: the gateway's format, without route and path
 * parameters.
 */
export const OWN_ADDRESS_EVENT = httpEventOf("^\\$default$", OWN_ADDRESS);
export type HttpEvent = Type.Static<typeof HTTP_EVENT>;

/** An event source mapping of a Kinesis stream. */
export const KINESIS_EVENT = shape({
  Records: Type.Array(
    shape({
      kinesis: shape({
        kinesisSchemaVersion: Type.Literal("1.0"),
        partitionKey: Type.String({ minLength: 1, maxLength: 256 }),
        sequenceNumber: text("^\\d{1,128}$"),
        data: text("^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"),
        // Seconds, with milliseconds after the point.
        approximateArrivalTimestamp: Type.Number({ minimum: 1e9, maximum: 1e10 }),
      }),
      eventSource: Type.Literal("aws:kinesis"),
      eventVersion: Type.Literal("1.0"),
      eventID: text("^shardId-\\d{12}:\\d{1,128}$"),
      eventName: Type.Literal("aws:kinesis:record"),
      invokeIdentityArn: text("^arn:aws:iam::\\d{12}:role/[\\w+=,.@-]+$"),
      awsRegion: REGION,
      eventSourceARN: text("^arn:aws:kinesis:[a-z0-9-]+:\\d{12}:stream/[\\w.-]+$"),
    }),
    { minItems: 1 },
  ),
});
export type KinesisEvent = Type.Static<typeof KINESIS_EVENT>;

/**
 * EventBridge's event for a new object in S3. The key arrives unencoded; S3's own notifications URL-encode
 * it.
 */
export const OBJECT_CREATED_EVENT = shape({
  version: Type.Literal("0"),
  id: text("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"),
  "detail-type": Type.Literal("Object Created"),
  source: Type.Literal("aws.s3"),
  account: ACCOUNT,
  time: SECONDS_UTC,
  region: REGION,
  resources: Type.Array(text("^arn:aws:s3:::[a-z0-9.-]{3,63}$"), { minItems: 1, maxItems: 1 }),
  detail: shape({
    version: Type.Literal("0"),
    bucket: shape({ name: text("^[a-z0-9.-]{3,63}$") }),
    object: shape({
      key: Type.String({ minLength: 1, maxLength: 1024 }),
      size: Type.Integer({ minimum: 0 }),
      etag: text("^[0-9a-f]{32}(-\\d+)?$"),
      "version-id": optional(Type.String()),
      sequencer: text("^[0-9A-F]+$"),
    }),
    "request-id": text("^[0-9A-Z]{16}$"),
    requester: Type.String(),
    "source-ip-address": text("^[0-9a-f.:]+$"),
    reason: Type.Enum(["PutObject", "POST Object", "CopyObject", "CompleteMultipartUpload"]),
  }),
});
export type ObjectCreatedEvent = Type.Static<typeof OBJECT_CREATED_EVENT>;

/**
 * EventBridge Scheduler sends the schedule's own input, with the scheduled time in place of its placeholder.
 */
export const SCHEDULED_EVENT = shape({
  schedule: Type.String(),
  scheduledTime: SECONDS_UTC,
  replay: Type.Record(Type.String(), Type.Unknown()),
});
export type ScheduledEvent = Type.Static<typeof SCHEDULED_EVENT>;

/**
 * What a Catch puts at `$.error`; the cause of a function's error is Lambda's own answer, JSON without a
 * space.
 */
const CAUGHT = shape({
  Error: Type.String(),
  Cause: text('^\\{"errorType":".+","errorMessage":".+","trace":\\[.+\\]\\}$'),
});
const SURVEY = shape({
  recordingId: Type.String(),
  name: Type.String(),
  format: Type.String(),
  contentHash: text("^[0-9a-f]{64}$"),
  isInOrder: Type.Boolean(),
  rejectedRowCount: Type.Integer({ minimum: 0 }),
  rejected: REJECTED_ROWS,
});
const TASK_ID = Type.String();
const WINDOW_ENDS_AT = text("^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$");
const RUN = { replayId: Type.String(), run: Type.Integer({ minimum: 1 }) };
const CHUNK = Type.Integer({ minimum: 0 });

/**
 * Step Functions calls a task with its state's unchanged input: whatever workflows/ has made of it by then.
 */
const ERASURE = {
  taskId: TASK_ID,
  pass: Type.Integer(),
  cursor: optional(Type.String()),
  status: optional(Type.Enum(["more", "wait"])),
};

export const TASK_INPUTS: Readonly<Record<string, Type.TSchema>> = {
  "check-recording-file": shape({ taskId: TASK_ID }),
  "store-recording-file": shape({ taskId: TASK_ID, survey: SURVEY }),
  "report-import": shape({ taskId: TASK_ID, survey: SURVEY, result: IMPORT_RESULT }),
  "compute-average-speed": shape({ taskId: TASK_ID, windowEndsAt: WINDOW_ENDS_AT }),
  "fail-task": Type.Union([
    shape({ taskId: TASK_ID, windowEndsAt: WINDOW_ENDS_AT, error: CAUGHT }),
    shape({ taskId: TASK_ID, survey: optional(SURVEY), result: optional(IMPORT_RESULT), error: CAUGHT }),
    shape({ ...ERASURE, error: CAUGHT }),
  ]),
  "erase-device": shape(ERASURE),
  "play-replay": shape({ ...RUN, chunk: CHUNK, status: optional(Type.Literal("playing")) }),
  "continue-replay": shape({ ...RUN, chunk: CHUNK, status: Type.Literal("handover") }),
  "fail-replay": shape({
    ...RUN,
    // Not after a handover that failed.
    chunk: optional(CHUNK),
    status: optional(Type.Literal("playing")),
    error: CAUGHT,
  }),
};
