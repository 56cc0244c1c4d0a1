import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { FedFunction } from "./event-source.ts";
import type { BacktrackFunction } from "./function.ts";
import type { HttpApi } from "./http-api.ts";
import { ALARM_SERVICE, alarmsOfThisStack, physicalName } from "./names.ts";
import type { Settings } from "./settings.ts";
import type { Workflow } from "./workflow.ts";

const MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
/** A position normally reaches its device's state in a second or two. */
const LATE_MS = 60_000;

export interface AlarmsProps {
  readonly functions: readonly BacktrackFunction[];
  readonly fed: readonly FedFunction[];
  readonly workflows: readonly Workflow[];
  readonly api: HttpApi;
  /** Events that no function took. */
  readonly undelivered: Queue;
  readonly key: IKey;
  readonly settings: Settings;
}

/** What somebody must hear of, and the topic that tells them. */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly #errorAlarms = new Map<BacktrackFunction, Alarm>();

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { functions, fed, workflows, api, undelivered, key, settings } = props;
    this.topic = new Topic(this, "Topic", {
      displayName: "Backtrack alarms",
      masterKey: key,
      enforceSSL: true,
    });
    this.#letAlarmsPublish();
    if (settings.alarmEmail) this.topic.addSubscription(new EmailSubscription(settings.alarmEmail));
    // Two for each function are paid for by the month; elsewhere the road, the workflows and the API tell enough.
    for (const fn of settings.isProduction ? functions : []) this.#watchFunction(fn);
    for (const consumer of fed) this.#watchStream(consumer);
    for (const workflow of workflows) this.#watchWorkflow(workflow);
    this.#add("undelivered-events", {
      tells: "Events wait that no function took, such as the run of a schedule: they are kept for two weeks",
      metric: undelivered.metricApproximateNumberOfMessagesVisible({
        statistic: Stats.MAXIMUM,
        period: FIVE_MINUTES,
      }),
    });
    this.#add("api-5xx", {
      tells: "The API answered 5 requests in 5 minutes with its own failure",
      metric: api.stage.metricServerError({ statistic: Stats.SUM, period: FIVE_MINUTES }),
      from: 5,
    });
  }

  /** A topic's policy replaces the default one: what is not allowed here, alarms can't do. */
  #letAlarmsPublish(): void {
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: "AlarmsOfThisStack",
        principals: [new ServicePrincipal(ALARM_SERVICE)],
        actions: ["sns:Publish"],
        resources: [this.topic.topicArn],
        conditions: alarmsOfThisStack(this),
      }),
    );
  }

  /** The alarm by which a new version of the function is taken back; there is one in production. */
  readonly errorAlarmOf = (fn: BacktrackFunction): Alarm => {
    const alarm = this.#errorAlarms.get(fn);
    if (!alarm) throw new Error(`${fn.definition.name} has no error alarm`);
    return alarm;
  };

  #watchFunction(fn: BacktrackFunction): void {
    const { name } = fn.definition;
    const errors = this.#add(`${name}-errors`, {
      tells: `${name} failed`,
      metric: fn.entry.metricErrors({ statistic: Stats.SUM, period: MINUTE }),
    });
    this.#errorAlarms.set(fn, errors);
    this.#add(`${name}-throttles`, {
      tells: `${name} was refused: the account's pool of concurrent functions, or its own part, is used up`,
      metric: fn.lambda.metricThrottles({ statistic: Stats.SUM, period: FIVE_MINUTES }),
    });
  }

  #watchStream({ fn, mappingId }: FedFunction): void {
    const { name } = fn.definition;
    this.#add(`${name}-iterator-age`, {
      tells: `${name} has been more than a minute behind its stream for five minutes`,
      metric: fn.lambda.metric("IteratorAge", { statistic: Stats.MAXIMUM, period: MINUTE }),
      from: LATE_MS,
      periods: 5,
    });
    this.#add(`${name}-failed-records`, {
      tells: `${name} gave up records: they are in the failed-records bucket, to be played again`,
      metric: mappingMetric(mappingId, "OnFailureDestinationDeliveredEventCount"),
    });
    this.#add(`${name}-lost-records`, {
      tells: `${name} gave up records that could not be written to the failed-records bucket`,
      metric: mappingMetric(mappingId, "DroppedEventCount"),
    });
  }

  #watchWorkflow({ name, stateMachine }: Workflow): void {
    const options = { statistic: Stats.SUM, period: FIVE_MINUTES };
    this.#add(`${name}-failures`, {
      tells: `An execution of the workflow ${name} failed`,
      metric: stateMachine.metricFailed(options),
    });
    this.#add(`${name}-timeouts`, {
      tells: `An execution of the workflow ${name} ran out of time`,
      metric: stateMachine.metricTimedOut(options),
    });
  }

  #add(name: string, { tells, metric, from = 1, periods = 1 }: Watch): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: physicalName(this, name),
      alarmDescription: tells,
      metric,
      threshold: from,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}

interface Watch {
  readonly tells: string;
  readonly metric: IMetric;
  /** The value from which on it goes off. 1 unless told. */
  readonly from?: number;
  /** For how many periods on end. 1 unless told. */
  readonly periods?: number;
}

/** A count of an event source mapping; there is a metric where the mapping's settings ask for it. */
export const mappingMetric = (mappingId: string, metricName: string): Metric =>
  new Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { EventSourceMappingUUID: mappingId },
    statistic: Stats.SUM,
    period: FIVE_MINUTES,
  });
