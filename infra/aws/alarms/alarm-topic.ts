import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Construct } from "constructs";
import { ALARM_SERVICE, alarmsOfThisStack, physicalName } from "../names.ts";
import type { Settings } from "../settings.ts";
import type { Watch } from "./watch.ts";

/** The topic that notifies people, and the alarms that publish to it. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, key: IKey, { alarmEmail }: Settings) {
    super(scope, id);
    this.topic = new Topic(this, "Topic", {
      displayName: "Backtrack alarms",
      masterKey: key,
      enforceSSL: true,
    });
    this.#letAlarmsPublish();
    if (alarmEmail) this.topic.addSubscription(new EmailSubscription(alarmEmail));
  }

  addAll(scope: Construct, watches: readonly Watch[]): void {
    for (const watch of watches) this.add(scope, watch);
  }

  /** Creates the alarm in the stack that it watches. */
  add(scope: Construct, watch: Watch): Alarm {
    const { name, tells, metric, from = 1, downFrom, periods = 1, badPeriods = periods, missing } = watch;
    const alarm = new Alarm(scope, `${name}-alarm`, {
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

  /** A topic's policy replaces the default one: alarms can do only what it allows. */
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
}
