import type { Clock } from "../../lib/core/clock.ts";
import { InvalidInputError } from "../../lib/core/errors.ts";
import { ApiError, validationError } from "../server/api-error.ts";
import { dueAfter } from "./due.ts";
import type { ScheduleRecord, ScheduleSettings, ScheduleStore } from "./schedule-store.ts";

export interface SchedulesOptions {
  readonly store: ScheduleStore;
  readonly clock: Clock;
  readonly groups: readonly string[];
  /** Told when a schedule came, changed or went. */
  readonly onChange: () => void;
}

const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;
const notFound = (message: string): ApiError => new ApiError("ResourceNotFoundException", message, 404);
const keyOf = (groupName: string, name: string): string => `${groupName}/${name}`;

/** The schedules in memory, each change written to the store before it holds. */
export class Schedules {
  readonly #records = new Map<string, ScheduleRecord>();
  readonly #options: SchedulesOptions;

  constructor(options: SchedulesOptions) {
    this.#options = options;
  }

  async restore(): Promise<void> {
    for (const record of await this.#options.store.load()) this.#keep(record);
  }

  /** Ascending by name. */
  list(groupName?: string): ScheduleRecord[] {
    if (groupName !== undefined) this.#checkGroup(groupName);
    const records = [...this.#records.values()];
    return records
      .filter((record) => groupName === undefined || record.groupName === groupName)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** Raises ResourceNotFoundException. */
  get(groupName: string, name: string): ScheduleRecord {
    this.#checkGroup(groupName);
    const record = this.#records.get(keyOf(groupName, name));
    if (!record) throw notFound(`Schedule ${name} does not exist.`);
    return record;
  }

  async create(groupName: string, name: string, settings: ScheduleSettings): Promise<void> {
    this.#checkGroup(groupName);
    if (!NAME.test(name)) throw validationError(`Invalid Name: ${name}`);
    if (this.#records.has(keyOf(groupName, name))) {
      throw new ApiError("ConflictException", `Schedule ${name} already exists.`, 409);
    }
    await this.#write({ groupName, name, settings, createdMs: this.#options.clock() });
  }

  async update(groupName: string, name: string, settings: ScheduleSettings): Promise<void> {
    const { createdMs } = this.get(groupName, name);
    await this.#write({ groupName, name, settings, createdMs });
  }

  async delete(groupName: string, name: string): Promise<void> {
    await this.#drop(this.get(groupName, name));
  }

  /** False once it was changed or deleted. */
  isCurrent(record: ScheduleRecord): boolean {
    return this.#records.get(keyOf(record.groupName, record.name)) === record;
  }

  /** A run was delivered, or given up: the next one is due. Does nothing when the schedule was changed meanwhile. */
  async advance(delivered: ScheduleRecord, afterMs: number): Promise<void> {
    if (!this.isCurrent(delivered)) return;
    const dueMs = dueAfter(delivered, afterMs);
    if (dueMs === undefined && delivered.settings.ActionAfterCompletion === "DELETE")
      return this.#drop(delivered);
    const advanced = { ...delivered, dueMs };
    await this.#options.store.save(advanced);
    if (this.isCurrent(delivered)) this.#keep(advanced);
  }

  async #write(written: Omit<ScheduleRecord, "modifiedMs">): Promise<void> {
    const modifiedMs = this.#options.clock();
    // A rate that is given no start date runs from now on, as with AWS; other times that are now are over.
    const afterMs = written.settings.ScheduleExpression.startsWith("rate") ? modifiedMs - 1 : modifiedMs;
    const record = { ...written, modifiedMs, dueMs: this.#firstDue(written, afterMs) };
    await this.#options.store.save(record);
    this.#keep(record);
  }

  #firstDue(record: Omit<ScheduleRecord, "modifiedMs">, afterMs: number): number | undefined {
    try {
      return dueAfter(record, afterMs);
    } catch (error) {
      if (error instanceof InvalidInputError) throw validationError(error.message);
      throw error;
    }
  }

  async #drop(record: ScheduleRecord): Promise<void> {
    await this.#options.store.remove(record);
    this.#records.delete(keyOf(record.groupName, record.name));
    this.#options.onChange();
  }

  #keep(record: ScheduleRecord): void {
    this.#records.set(keyOf(record.groupName, record.name), record);
    this.#options.onChange();
  }

  #checkGroup(groupName: string): void {
    if (this.#options.groups.includes(groupName)) return;
    throw notFound(`Schedule group ${groupName} does not exist.`);
  }
}
