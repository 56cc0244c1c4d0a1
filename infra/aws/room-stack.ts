import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Room } from "../../functions/room.ts";
import { SCHEDULE_GROUPS } from "../../lib/resources/schedule-group.ts";
import type { AlarmTopic } from "./alarms/alarm-topic.ts";
import { watchTableFailures } from "./alarms/deliveries.ts";
import { failuresOf } from "./alarms/functions.ts";
import { watchPositions } from "./alarms/positions.ts";
import { watchConsumer } from "./alarms/streams.ts";
import { watchWorkflow } from "./alarms/workflows.ts";
import { attributesIn } from "./attributes.ts";
import { Canaries } from "./canaries.ts";
import { constructId } from "./construct-id.ts";
import type { DataStack } from "./data-stack.ts";
import { type FedFunction, feedFromStream } from "./event-source.ts";
import { FailedRecords } from "./failed-records.ts";
import { FileRule } from "./file-rule.ts";
import { BacktrackFunction } from "./function.ts";
import { grantWhatItNames, tableWrites } from "./grants.ts";
import { Part } from "./part.ts";
import { Schedules } from "./schedules.ts";
import type { Settings } from "./settings.ts";
import { Workflow } from "./workflow.ts";

export interface RoomStackProps {
  readonly room: Room;
  readonly data: DataStack;
  /** A function's bundle, by the function's name. */
  readonly codeOf: (functionName: string) => Code;
  readonly settings: Settings;
}

/**
 * One room: its functions, what starts them (except the API, which all rooms share), its workflows, and the
 * alarms about these. What starts a function is derived from its definition here and nowhere else.
 */
export class RoomStack extends Part {
  readonly functions: readonly BacktrackFunction[];
  readonly fed: readonly FedFunction[];
  /** The groups of schedules that start a function of this room. */
  readonly schedules: readonly Schedules[];
  readonly fileRules: readonly FileRule[];
  #workflows: readonly Workflow[] = [];
  readonly #props: RoomStackProps;

  constructor(scope: Construct, id: string, props: RoomStackProps) {
    const { room, data, codeOf, settings } = props;
    super(scope, id, { description: `Backtrack, ${room.name}: ${room.description}` });
    this.#props = props;
    const { key, undelivered } = data;
    this.functions = room.functions.map(
      (definition) =>
        new BacktrackFunction(this, constructId(definition.name), {
          definition,
          code: codeOf(definition.name),
          key,
          settings,
        }),
    );
    const onFailure = new FailedRecords(data.failedRecords);
    this.fed = this.functions.flatMap((fn) => {
      const { stream } = fn.definition;
      return stream ? [feedFromStream(fn, stream, data.storage, onFailure, settings)] : [];
    });
    this.schedules = SCHEDULE_GROUPS.flatMap((name) =>
      this.functions
        .filter(({ definition }) => definition.schedule === name)
        .map((target) => {
          const props = { name, target, deadLetters: undelivered, key };
          return new Schedules(this, `${constructId(name)}Schedules`, props);
        }),
    );
    this.fileRules = data.buckets.flatMap((from) =>
      this.functions
        .filter(({ definition }) => definition.bucket === from.name)
        .map((target) => {
          const props = { from, target, deadLetters: undelivered };
          return new FileRule(this, `${constructId(from.name)}Files`, props);
        }),
    );
  }

  get workflows(): readonly Workflow[] {
    return this.#workflows;
  }

  /** Adds what may refer to other rooms, which must exist before. */
  connect(rooms: readonly RoomStack[], topic: AlarmTopic): void {
    const { room, data, settings } = this.#props;
    const schedules = rooms.flatMap((each) => each.schedules);
    const attributesOf = attributesIn({ data, schedules, settings });
    for (const fn of this.functions) grantWhatItNames(fn, attributesOf);
    for (const group of this.schedules) {
      if (group.name === "replays" && settings.replaySchedule)
        group.add("Configured", settings.replaySchedule);
    }
    const functions = rooms.flatMap((each) => each.functions);
    this.#workflows = (room.workflows ?? []).map(
      (name) =>
        new Workflow(this, `${constructId(name)}Workflow`, { name, functions, key: data.key, settings }),
    );
    topic.addAll(this, [
      ...this.fed.flatMap((each) => [...watchConsumer(each), ...watchPositions(each)]),
      ...this.workflows.flatMap(watchWorkflow),
    ]);
    // Alarms cost by the month and metric; elsewhere those of the road, the workflows and the API are enough.
    if (settings.isProduction) this.#watchFailures(topic);
  }

  #watchFailures(topic: AlarmTopic): void {
    const { storage } = this.#props.data;
    topic.addAll(this, watchTableFailures(this.fed.flatMap(({ fn }) => tableWrites(fn, storage))));
    const canaries = new Canaries(this, "Canary");
    for (const fn of this.functions) canaries.add(fn, topic.add(this, failuresOf(fn)));
  }
}
