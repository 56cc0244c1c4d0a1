import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import type { FedFunction } from "../event-source.ts";
import type { BacktrackFunction } from "../function.ts";
import { tableWrites } from "../grants.ts";
import type { HttpApi } from "../http-api.ts";
import { ALARM_SERVICE, alarmsOfThisStack, namesIn, physicalName } from "../names.ts";
import type { Settings } from "../settings.ts";
import type { Storage } from "../storage.ts";
import type { Workflow } from "../workflow.ts";
import { watchDamage } from "./damage.ts";
import { type Deliveries, watchDeliveries, watchTableFailures, watchTables } from "./deliveries.ts";
import { failuresOf, THROTTLED } from "./functions.ts";
import { watchPositions } from "./positions.ts";
import { watchConsumer, watchStream } from "./streams.ts";
import { FIVE_MINUTES, type Watch } from "./watch.ts";

export interface AlarmsProps extends Deliveries {
  readonly fed: readonly FedFunction[];
  readonly storage: Storage;
  readonly workflows: readonly Workflow[];
  readonly api: HttpApi;
  readonly key: IKey;
  readonly settings: Settings;
}

/** What somebody must hear of, and the topic that tells them. */
export class Alarms extends Construct {
  readonly topic: Topic;
  readonly #failureAlarms = new Map<BacktrackFunction, Alarm>();

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { functions, fed, storage, workflows, api, key, settings } = props;
    this.topic = new Topic(this, "Topic", {
      displayName: "Backtrack alarms",
      masterKey: key,
      enforceSSL: true,
    });
    this.#letAlarmsPublish();
    if (settings.alarmEmail) this.topic.addSubscription(new EmailSubscription(settings.alarmEmail));
    // Alarms are paid for by the month and metric; elsewhere the road, the workflows and the API tell enough.
    if (settings.isProduction) {
      for (const fn of functions) this.#failureAlarms.set(fn, this.#add(failuresOf(fn)));
      this.#addAll(watchTableFailures(fed.flatMap(({ fn }) => tableWrites(fn, storage))));
    }
    this.#addAll(fed.flatMap((each) => [...watchConsumer(each), ...watchPositions(each)]));
    this.#addAll(namesIn(storage.streams).flatMap((name) => watchStream(name, storage.streams[name])));
    this.#addAll(watchTables(Object.values(storage.tables)));
    this.#addAll(watchDeliveries(props));
    this.#addAll(watchDamage(functions));
    this.#addAll(workflows.flatMap(watchWorkflow));
    this.#add(THROTTLED);
    this.#add({
      name: "api-5xx",
      tells: "The API answered 5 requests in 5 minutes with its own failure",
      metric: api.stage.metricServerError({ statistic: "Sum", period: FIVE_MINUTES }),
      from: 5,
    });
  }

  /** The alarm by which a new version of the function is taken back; there is one in production. */
  readonly failureAlarmOf = (fn: BacktrackFunction): Alarm => {
    const alarm = this.#failureAlarms.get(fn);
    if (!alarm) throw new Error(`${fn.definition.name} has no alarm on its failures`);
    return alarm;
  };

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

  #addAll(watches: readonly Watch[]): void {
    for (const watch of watches) this.#add(watch);
  }

  #add({
    name,
    tells,
    metric,
    from = 1,
    downFrom,
    periods = 1,
    badPeriods = periods,
    missing,
  }: Watch): Alarm {
    const alarm = new Alarm(this, name, {
      alarmName: physicalName(this, name),
      alarmDescription: tells,
      metric,
      threshold: downFrom ?? from,
      comparisonOperator:
        downFrom === undefined
          ? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
          : ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: badPeriods,
      treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }
}

const watchWorkflow = ({ name, stateMachine }: Workflow): Watch[] => {
  const options = { statistic: "Sum", period: FIVE_MINUTES };
  return [
    {
      name: `${name}-failures`,
      tells: `An execution of the workflow ${name} failed`,
      metric: stateMachine.metricFailed(options),
    },
    {
      name: `${name}-timeouts`,
      tells: `An execution of the workflow ${name} ran out of time`,
      metric: stateMachine.metricTimedOut(options),
    },
  ];
};
