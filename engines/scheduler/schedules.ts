import { randomUUID } from "node:crypto";
import type { Clock } from "../../lib/core/clock.ts";
import { InvalidInputError } from "../../lib/core/errors.ts";
import { ApiError, validationError } from "../server/api-error.ts";
import { dueAfter } from "./due.ts";
import type { ScheduleRecord, ScheduleSettings, ScheduleStore } from "./schedule-store.ts";

export interface SchedulesOptions {
  readonly store: ScheduleStore;
  readonly clock: Clock;
  readonly groups: readonly string[];
  /** Told when a schedule came, changed or went through this process. */
  readonly onChange: () => void;
}

const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;
const notFound = (message: string): ApiError => new ApiError("ResourceNotFoundException", message, 404);
/** A client's change is tried again when the scheduler itself has just noted a run. */
const CHANGE_ATTEMPTS = 5;

/** What the API and the runner ask of schedules. All of it is in the store, so any process can answer. */
export class Schedules {
  readonly #options: SchedulesOptions;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  /** Ascending by name. */
  async list(groupName?: string): Promise<ScheduleRecord[]> {
    if (groupName !== undefined) this.#checkGroup(groupName);
    const records = await this.#options.store.list();
    return records
      .filter((record) => groupName === undefined || record.groupName === groupName)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Raises ResourceNotFoundException. */
  async get(groupName: string, name: string): Promise<ScheduleRecord> {
    this.#checkGroup(groupName);
    const record = await this.#options.store.get(groupName, name);
    if (!record) throw notFound(`Schedule ${name} does not exist.`);
    return record;
  }

  async create(groupName: string, name: string, settings: ScheduleSettings): Promise<void> {
    this.#checkGroup(groupName);
    if (!NAME.test(name)) throw validationError(`Invalid Name: ${name}`);
    const record = this.#written({ groupName, name, settings, createdMs: this.#options.clock() });
    if (!(await this.#options.store.save(record, undefined))) {
      throw new ApiError("ConflictException", `Schedule ${name} already exists.`, 409);
    }
    this.#options.onChange();
  }

  async update(groupName: string, name: string, settings: ScheduleSettings): Promise<void> {
    await this.#change(groupName, name, (seen) => {
      const record = this.#written({ groupName, name, settings, createdMs: seen.createdMs });
      return this.#options.store.save(record, seen);
    });
  }

  async delete(groupName: string, name: string): Promise<void> {
    await this.#change(groupName, name, (seen) => this.#options.store.remove(seen));
  }

  /** False once it was changed or deleted, by whichever process. */
  async isCurrent({ groupName, name, revision }: ScheduleRecord): Promise<boolean> {
    return (await this.#options.store.get(groupName, name))?.revision === revision;
  }

  /**
   * A run was delivered, or given up: the next one is due. Does nothing when the schedule was changed
   * meanwhile.
   */
  async advance(delivered: ScheduleRecord, afterMs: number): Promise<void> {
    const { store } = this.#options;
    const dueMs = dueAfter(delivered, afterMs);
    if (dueMs === undefined && delivered.settings.ActionAfterCompletion === "DELETE") {
      await store.remove(delivered);
    } else await store.save({ ...delivered, dueMs, revision: randomUUID() }, delivered);
  }

  async #change(
    groupName: string,
    name: string,
    change: (seen: ScheduleRecord) => Promise<boolean>,
  ): Promise<void> {
    for (let attempt = 1; !(await change(await this.get(groupName, name))); attempt++) {
      if (attempt === CHANGE_ATTEMPTS) {
        throw new ApiError("ConflictException", `Schedule ${name} is being changed by others.`, 409);
      }
    }
    this.#options.onChange();
  }

  #written(written: Omit<ScheduleRecord, "modifiedMs" | "revision">): ScheduleRecord {
    const modifiedMs = this.#options.clock();
    // A rate that is given no start date runs from now on, as with AWS; other times that are now are over.
    const afterMs = written.settings.ScheduleExpression.startsWith("rate") ? modifiedMs - 1 : modifiedMs;
    return { ...written, modifiedMs, revision: randomUUID(), dueMs: this.#firstDue(written, afterMs) };
  }

  #firstDue(record: Omit<ScheduleRecord, "modifiedMs" | "revision">, afterMs: number): number | undefined {
    try {
      return dueAfter(record, afterMs);
    } catch (error) {
      if (error instanceof InvalidInputError) throw validationError(error.message);
      throw error;
    }
  }

  #checkGroup(groupName: string): void {
    if (this.#options.groups.includes(groupName)) return;
    throw notFound(`Schedule group ${groupName} does not exist.`);
  }
}
