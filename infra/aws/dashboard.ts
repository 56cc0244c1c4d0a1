import { Aws, Duration } from "aws-cdk-lib";
import {
  Dashboard as CloudWatchDashboard,
  Column,
  GraphWidget,
  type IMetric,
  Metric,
  PeriodOverride,
  Row,
  Stats,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import { mappingMetric } from "./alarms/watch.ts";
import type { FedFunction } from "./event-source.ts";
import type { BacktrackFunction } from "./function.ts";
import type { HttpApi } from "./http-api.ts";
import { namesIn, physicalName } from "./names.ts";
import type { Storage } from "./storage.ts";
import type { Workflow } from "./workflow.ts";

const PERIOD = Duration.minutes(1);
const SUM = { statistic: Stats.SUM, period: PERIOD };
const P99 = { statistic: Stats.p(99), period: PERIOD };
const MAXIMUM = { statistic: Stats.MAXIMUM, period: PERIOD };
/** Six stations side by side on CloudWatch's 24 columns. */
const WIDTH = 4;

export interface DashboardProps {
  readonly api: HttpApi;
  readonly functions: readonly BacktrackFunction[];
  readonly fed: readonly FedFunction[];
  readonly storage: Storage;
  readonly workflows: readonly Workflow[];
}

/** One station of the road: what passes, what goes wrong, how long it takes. */
interface Station {
  readonly title: string;
  readonly text: string;
  readonly traffic: IMetric[];
  readonly trouble: IMetric[];
  readonly time: IMetric[];
}

/** The road of a position, from left to right. */
export class Dashboard extends Construct {
  /** Opens in the console. */
  readonly address: string;

  constructor(scope: Construct, id: string, { api, functions, fed, storage, workflows }: DashboardProps) {
    super(scope, id);
    const name = physicalName(this, "road-of-a-position");
    const dashboard = new CloudWatchDashboard(this, "Dashboard", {
      dashboardName: name,
      periodOverride: PeriodOverride.INHERIT,
      defaultInterval: Duration.hours(3),
    });
    const producers = functions.filter(({ definition }) => definition.publishesTo?.length);
    const answering = functions.filter((fn) => fn.definition.routes?.length && !producers.includes(fn));
    const stations: Station[] = [
      apiStation(api),
      producerStation(producers),
      streamStation(storage),
      consumerStation(fed),
      tableStation(Object.values(storage.tables)),
      answerStation(answering, workflows),
    ];
    dashboard.addWidgets(new Row(...stations.map((station) => new Column(...widgetsOf(station)))));
    this.address = `https://${Aws.REGION}.console.aws.amazon.com/cloudwatch/home?region=${Aws.REGION}#dashboards:name=${name}`;
  }
}

const widgetsOf = ({ title, text, traffic, trouble, time }: Station) => [
  new TextWidget({ markdown: `## ${title}\n${text}`, width: WIDTH, height: 3 }),
  ...Object.entries({ traffic, trouble, time }).map(
    ([what, left]) =>
      new GraphWidget({
        title: `${title}: ${what}`,
        left,
        leftYAxis: { min: 0, showUnits: what === "time" },
        width: WIDTH,
        height: 6,
      }),
  ),
];

const apiStation = ({ stage }: HttpApi): Station => ({
  title: "1 API",
  text: "Requests come in.",
  traffic: [stage.metricCount({ ...SUM, label: "requests" })],
  trouble: [
    stage.metricClientError({ ...SUM, label: "4xx" }),
    stage.metricServerError({ ...SUM, label: "5xx" }),
  ],
  time: [
    stage.metricLatency({ ...P99, label: "p99" }),
    stage.metricLatency({ statistic: Stats.p(50), period: PERIOD, label: "p50" }),
  ],
});

const producerStation = (producers: readonly BacktrackFunction[]): Station => ({
  title: "2 Producers",
  text: "Put positions on the stream.",
  traffic: each(producers, ({ lambda }, label) => lambda.metricInvocations({ ...SUM, label })),
  trouble: troubleOf(producers),
  time: each(producers, ({ lambda }, label) => lambda.metricDuration({ ...P99, label })),
});

const streamStation = ({ streams }: Storage): Station => {
  const all = namesIn(streams).map((name) => ({ name, stream: streams[name] }));
  return {
    title: "3 Stream",
    text: "Keeps each device's order.",
    traffic: all.map(({ name, stream }) =>
      stream.metricIncomingRecords({ ...SUM, label: `${name}: records` }),
    ),
    trouble: all.map(({ name, stream }) =>
      stream.metricWriteProvisionedThroughputExceeded({ ...SUM, label: `${name}: records refused` }),
    ),
    time: all.map(({ name, stream }) =>
      stream.metricPutRecordsLatency({ ...P99, label: `${name}: PutRecords` }),
    ),
  };
};

const consumerStation = (fed: readonly FedFunction[]): Station => {
  const consumers = fed.map(({ fn }) => fn);
  return {
    title: "4 Consumers",
    text: "Advance each device's state.",
    traffic: each(consumers, ({ lambda }, label) =>
      lambda.metricInvocations({ ...SUM, label: `${label}: batches` }),
    ),
    trouble: [
      ...troubleOf(consumers),
      ...fed.map(({ fn, mappingId }) =>
        mappingMetric(mappingId, "OnFailureDestinationDeliveredEventCount").with({
          label: `${fn.definition.name}: to the failed-records bucket`,
        }),
      ),
    ],
    time: [
      ...each(consumers, ({ lambda }, label) =>
        lambda.metric("IteratorAge", { ...MAXIMUM, label: `${label}: behind the stream` }),
      ),
      ...each(consumers, ({ lambda }, label) => lambda.metricDuration({ ...P99, label: `${label}: batch` })),
    ],
  };
};

const tableStation = (tables: readonly Table[]): Station => ({
  title: "5 Tables",
  text: "Hold state and history.",
  traffic: tables.map((table) =>
    table.metricConsumedWriteCapacityUnits({ ...SUM, label: `${table.node.id}: write units` }),
  ),
  trouble: tables.flatMap((table) => [
    throttlesOf(table, "WriteThrottleEvents"),
    throttlesOf(table, "ReadThrottleEvents"),
  ]),
  time: tables.flatMap((table) =>
    ["GetItem", "PutItem", "Query"].map((Operation) => latencyOf(table, Operation)),
  ),
});

const answerStation = (answering: readonly BacktrackFunction[], workflows: readonly Workflow[]): Station => ({
  title: "6 Answers",
  text: "Queries, and workflows.",
  traffic: [
    ...each(answering, ({ lambda }, label) => lambda.metricInvocations({ ...SUM, label })),
    ...workflows.map(({ name, stateMachine }) =>
      stateMachine.metricStarted({ ...SUM, label: `workflow ${name}` }),
    ),
  ],
  trouble: [
    ...troubleOf(answering),
    ...workflows.map(({ name, stateMachine }) =>
      stateMachine.metricFailed({ ...SUM, label: `workflow ${name}: failed` }),
    ),
  ],
  time: each(answering, ({ lambda }, label) => lambda.metricDuration({ ...P99, label })),
});

const each = <To>(
  functions: readonly BacktrackFunction[],
  map: (fn: BacktrackFunction, label: string) => To,
): To[] => functions.map((fn) => map(fn, fn.definition.name));

const troubleOf = (functions: readonly BacktrackFunction[]): IMetric[] =>
  functions.flatMap(({ lambda, definition }) => [
    lambda.metricErrors({ ...SUM, label: `${definition.name}: errors` }),
    lambda.metricThrottles({ ...SUM, label: `${definition.name}: throttles` }),
  ]);

const throttlesOf = (table: Table, metricName: string): Metric =>
  new Metric({
    namespace: "AWS/DynamoDB",
    metricName,
    dimensionsMap: { TableName: table.tableName },
    ...SUM,
    label: `${table.node.id}: ${metricName}`,
  });

const latencyOf = (table: Table, Operation: string): Metric =>
  new Metric({
    namespace: "AWS/DynamoDB",
    metricName: "SuccessfulRequestLatency",
    dimensionsMap: { TableName: table.tableName, Operation },
    ...P99,
    label: `${table.node.id}: ${Operation}`,
  });
