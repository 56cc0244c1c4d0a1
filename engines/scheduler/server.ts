import { randomUUID } from "node:crypto";
import { ApiError, validationError } from "../server/api-error.ts";
import { type Answer, type EngineRequest, serve } from "../server/http-server.ts";
import type { ScheduleRecord, ScheduleSettings } from "./schedule-store.ts";
import { type Scheduling, type SchedulingOptions, startScheduling } from "./scheduler.ts";
import type { Schedules } from "./schedules.ts";

/*
 * What this project uses of the EventBridge Scheduler API, for an unmodified @aws-sdk/client-scheduler. It
 * serves Create-, Update-, Get-, Delete- and ListSchedules for groups that are there from the start, and
 * targets that are functions. It has no flexible time windows and no dead-letter queue: what is given up is
 * told. Every process that shares the schedules can serve it.
 */

export interface StartSchedulerOptions extends SchedulingOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** Requests that do not name it are refused; without one everybody is served. */
  readonly accessKeyId?: string;
}

export interface Scheduler {
  readonly endpoint: string;
  /** Cuts deliveries in flight: they are due again when it is started again. */
  close(): Promise<void>;
}

/** The API alone, for a server that serves others beside it. */
export const schedulerApi = (
  { schedules, arnOf }: Pick<Scheduling, "schedules" | "arnOf">,
  onError: (message: string, error: unknown) => void = () => {},
): Answer => answerApi(schedules, arnOf, onError);

export const startScheduler = async (options: StartSchedulerOptions): Promise<Scheduler> => {
  const scheduling = startScheduling(options);
  const server = await serve(schedulerApi(scheduling, options.onError), options).catch(async (error) => {
    await scheduling.close();
    throw error;
  });
  return {
    endpoint: server.endpoint,
    close: async () => {
      await Promise.all([scheduling.close(), server.close()]);
    },
  };
};

/** REST: the schedule's name in the path, where it is looked for in the query, the rest as JSON. */
const answerApi = (
  schedules: Schedules,
  arnOf: (record: ScheduleRecord) => string,
  onError: (message: string, error: unknown) => void,
): Answer => {
  const handle = async (request: EngineRequest): Promise<object> => {
    const { pathname, searchParams: query } = new URL(request.url, "http://scheduler");
    const [, resource, encodedName] = pathname.split("/");
    if (resource !== "schedules")
      throw new ApiError("UnknownOperationException", `${pathname} is not served`);
    if (encodedName === undefined && request.method === "GET") return listing(schedules, query, arnOf);
    const name = decodeURIComponent(encodedName ?? "");
    if (request.method === "GET") return described(await schedules.get(groupIn(query), name), arnOf);
    if (request.method === "DELETE") {
      await schedules.delete(groupIn(query), name);
      return {};
    }
    const { GroupName = "default", ...settings } = readSettings(request.body);
    if (request.method === "POST") await schedules.create(GroupName, name, settings);
    else if (request.method === "PUT") await schedules.update(GroupName, name, settings);
    else throw new ApiError("UnknownOperationException", `${request.method} is not served`);
    return { ScheduleArn: arnOf(await schedules.get(GroupName, name)) };
  };
  const headers = (more: Record<string, string> = {}) => ({
    "content-type": "application/json",
    "x-amzn-requestid": randomUUID(),
    ...more,
  });

  return async (request) => {
    try {
      return { status: 200, headers: headers(), body: JSON.stringify(await handle(request)) };
    } catch (error) {
      const { name, status, message } =
        error instanceof ApiError
          ? error
          : { name: "InternalServerException", status: 500, message: "Internal failure" };
      if (status === 500) onError(`${request.method} ${request.url} failed`, error);
      const body = JSON.stringify({ Message: message });
      return { status, headers: headers({ "x-amzn-errortype": name }), body };
    }
  };
};

const groupIn = (query: URLSearchParams): string => query.get("groupName") ?? "default";

type Body = ScheduleSettings & { readonly GroupName?: string };

/** The parameters that a schedule can't be without; all others are taken as they are. */
const readSettings = (bytes: Buffer): Body => {
  const { ClientToken: _, ...body } = parse(bytes) as Body & { readonly ClientToken?: string };
  if (typeof body.ScheduleExpression !== "string") throw validationError("ScheduleExpression is missing");
  if (body.FlexibleTimeWindow?.Mode !== "OFF") throw validationError("FlexibleTimeWindow must be OFF here");
  if (!/^arn:aws:lambda:[^:]*:\d{12}:function:[^:]+$/.test(body.Target?.Arn ?? "")) {
    throw validationError("Target.Arn must be a function's here");
  }
  if (!body.Target.RoleArn) throw validationError("Target.RoleArn is missing");
  parse(Buffer.from(body.Target.Input ?? "{}"));
  return body;
};

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString() || "{}");
  } catch {
    throw validationError("It is not JSON");
  }
};

const summary = (record: ScheduleRecord, arnOf: (record: ScheduleRecord) => string) => ({
  Arn: arnOf(record),
  Name: record.name,
  GroupName: record.groupName,
  State: record.settings.State ?? "ENABLED",
  CreationDate: record.createdMs / 1000,
  LastModificationDate: record.modifiedMs / 1000,
});

const described = (record: ScheduleRecord, arnOf: (record: ScheduleRecord) => string) => ({
  ScheduleExpressionTimezone: "UTC",
  ActionAfterCompletion: "NONE",
  ...record.settings,
  ...summary(record, arnOf),
});

const listing = async (
  schedules: Schedules,
  query: URLSearchParams,
  arnOf: (record: ScheduleRecord) => string,
): Promise<object> => {
  const limit = Number(query.get("MaxResults") ?? 100);
  if (!(limit >= 1 && limit <= 100)) throw validationError("MaxResults must be from 1 to 100");
  const token = query.get("NextToken");
  const after = token === null ? "" : Buffer.from(token, "base64url").toString();
  if (token !== null && !(after && Buffer.from(after).toString("base64url") === token)) {
    throw validationError("Invalid NextToken");
  }
  const listed = await schedules.list(query.get("ScheduleGroup") ?? undefined);
  const rest = listed.filter(({ name }) => name > after && name.startsWith(query.get("NamePrefix") ?? ""));
  const page = rest.slice(0, limit);
  return {
    Schedules: page.map((record) => ({
      ...summary(record, arnOf),
      Target: { Arn: record.settings.Target.Arn },
    })),
    ...(rest.length > limit && { NextToken: Buffer.from(page.at(-1)?.name ?? "").toString("base64url") }),
  };
};
