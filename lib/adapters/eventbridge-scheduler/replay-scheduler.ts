import {
  CreateScheduleCommand,
  DeleteScheduleCommand,
  GetScheduleCommand,
  ListSchedulesCommand,
  type SchedulerClient,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { InvalidInputError, NotFoundError } from "../../core/errors.ts";
import type { Page, PageRequest } from "../../core/page.ts";
import type {
  NewReplaySchedule,
  ReplaySchedule,
  ReplayScheduleReader,
  ReplayScheduleRemover,
  ReplayScheduler,
} from "../../core/schedule/replay-schedule.ts";
import type { OfTenant } from "../../core/tenant/of-tenant.ts";
import type { ScheduleTarget } from "../../resources/schedule-group.ts";
import { answerTo, isServiceError } from "../aws-errors.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { nameIn, scheduledName, scheduleInput, toReplaySchedule } from "./schedule-shape.ts";

/** The most that the service lists at once. */
const LARGEST_PAGE = 100;
/** Ends a race of writers that keep creating and removing one schedule. */
const ATTEMPTS = 3;

/**
 * Reads the schedules of a group, in which the name of each begins with its tenant. The service holds all of
 * a schedule, so there is no table to keep in step.
 */
export const eventbridgeScheduleReader =
  (client: SchedulerClient, groupName: string): OfTenant<ReplayScheduleReader> =>
  (tenant) => {
    const get = async (name: string): Promise<ReplaySchedule | undefined> => {
      const command = new GetScheduleCommand({ GroupName: groupName, Name: scheduledName(tenant, name) });
      const found = await unlessMissing(client.send(command));
      return found && toReplaySchedule(found);
    };

    return {
      get: (name) => answerTo(`read schedule ${name}`, get(name)),
      async count(upTo) {
        let count = 0;
        let NextToken: string | undefined;
        do {
          const command = new ListSchedulesCommand({
            GroupName: groupName,
            NamePrefix: scheduledName(tenant, ""),
            MaxResults: LARGEST_PAGE,
            NextToken,
          });
          const page = await answerTo("count schedules", client.send(command));
          count += page.Schedules?.length ?? 0;
          NextToken = page.NextToken;
        } while (NextToken !== undefined && count < upTo);
        return Math.min(count, upTo);
      },
      list: async ({ limit, cursor }): Promise<Page<ReplaySchedule>> => {
        const command = new ListSchedulesCommand({
          GroupName: groupName,
          NamePrefix: scheduledName(tenant, ""),
          MaxResults: Math.min(limit, LARGEST_PAGE),
          NextToken: cursor === undefined ? undefined : decodeCursor(cursor, { token: "string" }).token,
        });
        const page = await answerTo("list schedules", refusingCursor(client.send(command), cursor));
        // The listing leaves out when and what; one that was removed in between is left out. What a token
        // leads to is for the service to say, and it may be another tenant's token.
        const names = (page.Schedules ?? []).flatMap(({ Name = "" }) => nameIn(tenant, Name) ?? []);
        const found = await answerTo("list schedules", Promise.all(names.map(get)));
        const items = found.filter((schedule) => schedule !== undefined);
        return page.NextToken ? { items, cursor: encodeCursor({ token: page.NextToken }) } : { items };
      },
    };
  };

export const eventbridgeScheduleRemover =
  (client: SchedulerClient, groupName: string): OfTenant<ReplayScheduleRemover> =>
  (tenant) => ({
    async remove(name) {
      const command = new DeleteScheduleCommand({ GroupName: groupName, Name: scheduledName(tenant, name) });
      const removed = await answerTo(`delete schedule ${name}`, unlessMissing(client.send(command)));
      if (!removed) throw new NotFoundError(`there is no replay schedule ${name}`);
    },
  });

/** Reads and writes the schedules of a group; `target` is what they start. */
export const eventbridgeReplayScheduler =
  (client: SchedulerClient, groupName: string, target: ScheduleTarget): OfTenant<ReplayScheduler> =>
  (tenant) => ({
    ...eventbridgeScheduleReader(client, groupName)(tenant),
    async put(schedule: NewReplaySchedule) {
      const input = scheduleInput(tenant, schedule, groupName, target);
      const write = async (): Promise<void> => {
        for (let attempt = 1; ; attempt++) {
          if (await unlessMissing(client.send(new UpdateScheduleCommand(input)))) return;
          try {
            await client.send(new CreateScheduleCommand(input));
            return;
          } catch (error) {
            if (!isServiceError(error, "ConflictException") || attempt === ATTEMPTS) throw error;
          }
        }
      };
      await answerTo(`save schedule ${schedule.name}`, refusingExpression(write()));
    },
  });

const unlessMissing = async <Answer>(request: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await request;
  } catch (error) {
    if (isServiceError(error, "ResourceNotFoundException")) return undefined;
    throw error;
  }
};

/** A token that the service does not know came from the caller. */
const refusingCursor = async <Answer>(
  request: Promise<Answer>,
  cursor: PageRequest["cursor"],
): Promise<Answer> => {
  try {
    return await request;
  } catch (error) {
    if (cursor === undefined || !isServiceError(error, "ValidationException")) throw error;
    const problem = {
      field: "cursor",
      value: cursor.slice(0, 100),
      rule: "must come from the previous page",
    };
    throw new InvalidInputError("cursor is not one that a previous page returned", {
      cause: error,
      problems: [problem],
    });
  }
};

/** What our rules accept and the service does not, such as a time zone missing from its database. */
const refusingExpression = async (request: Promise<void>): Promise<void> => {
  try {
    await request;
  } catch (error) {
    if (!isServiceError(error, "ValidationException")) throw error;
    throw new InvalidInputError(`the scheduler refuses it: ${(error as Error).message}`, { cause: error });
  }
};
