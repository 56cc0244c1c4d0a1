import { Annotations, CfnOutput, Stack, type StackProps, Tags } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { MANIFEST } from "../../functions/manifest.ts";
import { BUCKETS, SCHEDULE_GROUPS, WORKFLOWS } from "../../functions/resources.ts";
import { Alarms } from "./alarms/alarms.ts";
import { Backups } from "./backups.ts";
import { Canary } from "./canary.ts";
import { constructId } from "./construct-id.ts";
import { Dashboard } from "./dashboard.ts";
import { DataKey } from "./data-key.ts";
import { DeadLetters } from "./dead-letters.ts";
import { feedFromStream } from "./event-source.ts";
import { FailedRecords } from "./failed-records.ts";
import { BacktrackFunction, takesPositions } from "./function.ts";
import { grantWhatItNames } from "./grants.ts";
import { HttpApi } from "./http-api.ts";
import { ImportBucket } from "./import-bucket.ts";
import { IngestUrl } from "./ingest-url.ts";
import { namesIn } from "./names.ts";
import { accessLogBucket, privateBucket } from "./private-bucket.ts";
import { Schedules } from "./schedules.ts";
import type { Settings } from "./settings.ts";
import { Storage } from "./storage.ts";
import { Workflow } from "./workflow.ts";

const OPEN_API_WARNING =
  "apiAccess=open: anybody who knows the API's address can read where every device is and was, send positions in its name, and " +
  "delete recordings. Leave out apiAccess to ask for keys.";

const firstKeyCommand = ({ stage }: Settings): string =>
  `npm run keys -- create --stage ${stage} --name "first key" --scope ingest,read,control`;

export interface BacktrackStackProps extends StackProps {
  readonly settings: Settings;
  /** A function's bundle, by the function's name. */
  readonly codeOf: (functionName: string) => Code;
}

/**
 * Backtrack in one AWS account and region: all that functions/manifest.ts, functions/resources.ts and workflows/ describe.
 * What starts a function is read off its definition here and nowhere else: routes, stream, schedule, bucket, workflow.
 */
export class BacktrackStack extends Stack {
  constructor(scope: Construct, id: string, { settings, codeOf, ...props }: BacktrackStackProps) {
    super(scope, id, {
      description: "Backtrack: live GPS tracking and replay",
      terminationProtection: settings.isProduction,
      ...props,
    });
    Tags.of(this).add("application", "backtrack");
    Tags.of(this).add("stage", settings.stage);

    const { key } = new DataKey(this, "DataKey", settings);
    const storage = new Storage(this, "Storage", key, settings);
    if (settings.isHipaa) new Backups(this, "Backups", { tables: Object.values(storage.tables), key });
    const accessLogs = accessLogBucket(this, "AccessLogs", settings);
    const failedRecords = privateBucket(this, "FailedRecords", key, accessLogs);
    const undelivered = new DeadLetters(this, "Undelivered", key);

    const functions = MANIFEST.map(
      (definition) =>
        new BacktrackFunction(this, constructId(definition.name), {
          definition,
          code: codeOf(definition.name),
          key,
          settings,
        }),
    );
    const schedules = SCHEDULE_GROUPS.map((name) => {
      const target = functions.find(({ definition }) => definition.schedule === name);
      if (!target) throw new Error(`no function says that the schedules of ${name} start it`);
      const id = `${constructId(name)}Schedules`;
      return new Schedules(this, id, { name, target, deadLetters: undelivered, key });
    });
    const buckets = BUCKETS.map((name) => {
      const target = functions.find(({ definition }) => definition.bucket === name);
      if (!target) throw new Error(`no function says that files in ${name} start it`);
      const props = { name, target, deadLetters: undelivered, accessLogs, key };
      return new ImportBucket(this, constructId(name), props);
    });
    for (const fn of functions) grantWhatItNames(fn, { storage, schedules, buckets });
    for (const group of schedules) {
      if (group.name === "replays" && settings.replaySchedule)
        group.add("Configured", settings.replaySchedule);
    }

    const onFailure = new FailedRecords(failedRecords);
    const fed = functions.flatMap((fn) => {
      const { stream } = fn.definition;
      return stream ? [feedFromStream(fn, stream, storage, onFailure, settings)] : [];
    });
    const workflows = WORKFLOWS.map(
      (name) => new Workflow(this, `${constructId(name)}Workflow`, { name, functions, key, settings }),
    );
    const ingest = settings.hasIngestUrl ? this.#ingestUrl(functions, settings) : undefined;
    const api = new HttpApi(this, "Api", { functions, key, settings });

    const alarms = new Alarms(this, "Alarms", {
      functions,
      fed,
      storage,
      workflows,
      api,
      buckets,
      schedules,
      undelivered: undelivered.queue,
      key,
      settings,
    });
    const dashboard = new Dashboard(this, "Road", { api, functions, fed, storage, workflows });
    if (settings.isProduction)
      new Canary(this, "Canary", { functions, failureAlarmOf: alarms.failureAlarmOf });

    const isOpen = settings.apiAccess === "open";
    if (isOpen) Annotations.of(this).addWarningV2("backtrack:open-api", OPEN_API_WARNING);
    this.#output(
      "ApiAddress",
      `The HTTP API, ${isOpen ? "open to everybody" : "for who has a key"}`,
      api.stage.url,
    );
    if (ingest)
      this.#output("IngestAddress", "Positions may be sent here without the gateway", ingest.address);
    this.#output(
      "KeysTable",
      "The API's keys, by which `npm run keys` finds them",
      storage.tables.keys.tableName,
    );
    this.#output("FirstKey", "How to make a key", firstKeyCommand(settings));
    for (const name of namesIn(storage.streams)) {
      this.#output(`${constructId(name)}Stream`, `The stream ${name}`, storage.streams[name].streamName);
    }
    for (const { name, bucket } of buckets) {
      this.#output(`${constructId(name)}Bucket`, "Files that are put here are imported", bucket.bucketName);
    }
    this.#output("FailedRecordsBucket", "Records that were given up, whole", failedRecords.bucketName);
    this.#output(
      "UndeliveredQueue",
      "Events that no function took, such as runs of schedules",
      undelivered.queue.queueUrl,
    );
    this.#output("DashboardAddress", "The road of a position", dashboard.address);
    this.#output("AlarmTopic", "Subscribe here to hear of trouble", alarms.topic.topicArn);
  }

  #ingestUrl(functions: readonly BacktrackFunction[], settings: Settings): IngestUrl {
    const fn = functions.find(({ definition }) => takesPositions(definition));
    if (!fn) throw new Error("no function takes positions over HTTP");
    return new IngestUrl(this, "IngestUrl", { fn, settings });
  }

  #output(id: string, description: string, value: string): void {
    new CfnOutput(this, id, { description, value });
  }
}
