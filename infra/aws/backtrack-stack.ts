import { Annotations, CfnOutput, Stack, type StackProps, Tags } from "aws-cdk-lib";
import type { Code } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { Room } from "../../functions/room.ts";
import { AlarmTopic } from "./alarms/alarm-topic.ts";
import { watchWholeStack } from "./alarms/whole-stack.ts";
import { ApiStack } from "./api-stack.ts";
import { constructId } from "./construct-id.ts";
import { Dashboard } from "./dashboard.ts";
import { DataStack } from "./data-stack.ts";
import { type BacktrackFunction, takesPositions } from "./function.ts";
import { IngestUrl } from "./ingest-url.ts";
import { namesIn } from "./names.ts";
import { RoomStack } from "./room-stack.ts";
import type { Settings } from "./settings.ts";

const OPEN_API_WARNING =
  "apiAccess=open: anybody who knows the API's address can read where every device is and was, send positions as any device, and " +
  "delete recordings. Omit apiAccess to require keys.";

const firstKeyCommand = ({ stage }: Settings): string =>
  `npm run keys -- create --stage ${stage} --name "first key" --scope ingest,read,control`;

export interface BacktrackStackProps extends StackProps {
  readonly rooms: readonly Room[];
  readonly settings: Settings;
  /** A function's bundle, by the function's name. */
  readonly codeOf: (functionName: string) => Code;
}

/**
 * Backtrack in one AWS account and region: all that functions/manifest.ts, lib/resources/ and workflows/
 * describe. It holds nested stacks: the data, one for each room, which depend on the data, and the API, which
 * depends on the rooms. Itself it has what looks at all of them: the alarm topic, the dashboard, the outputs.
 */
export class BacktrackStack extends Stack {
  constructor(scope: Construct, id: string, { rooms, settings, codeOf, ...props }: BacktrackStackProps) {
    super(scope, id, {
      description: "Backtrack: live GPS tracking and replay",
      terminationProtection: settings.isProduction,
      ...props,
    });
    Tags.of(this).add("application", "backtrack");
    Tags.of(this).add("stage", settings.stage);

    const data = new DataStack(this, "Data", settings);
    const { key, storage, failedRecords, undelivered } = data;
    const topic = new AlarmTopic(this, "Alarms", key, settings);
    const inRooms = rooms.map(
      (room) => new RoomStack(this, constructId(room.name), { room, data, codeOf, settings }),
    );
    for (const room of inRooms) room.connect(inRooms, topic);
    const functions = inRooms.flatMap((room) => room.functions);
    const fed = inRooms.flatMap((room) => room.fed);
    const workflows = inRooms.flatMap((room) => room.workflows);

    const { api } = new ApiStack(this, "Api", { functions, key, settings });
    const ingest = settings.hasIngestUrl ? ingestUrl(functions, settings) : undefined;
    topic.addAll(
      this,
      watchWholeStack({
        functions,
        storage,
        api,
        fileRules: inRooms.flatMap((room) => room.fileRules),
        schedules: inRooms.flatMap((room) => room.schedules),
        undelivered: undelivered.queue,
      }),
    );
    const dashboard = new Dashboard(this, "Road", { api, functions, fed, storage, workflows });

    const isOpen = settings.apiAccess === "open";
    if (isOpen) Annotations.of(this).addWarningV2("backtrack:open-api", OPEN_API_WARNING);
    this.#output(
      "ApiAddress",
      `The HTTP API, ${isOpen ? "open to everybody" : "for holders of a key"}`,
      api.stage.url,
    );
    if (ingest) this.#output("IngestAddress", "Accepts positions without the gateway", ingest.address);
    this.#output(
      "KeysTable",
      "The table of API keys; `npm run keys` finds it here",
      storage.tables.keys.tableName,
    );
    this.#output(
      "TenantsTable",
      "The table of what tenants may have; `npm run limits` finds it here",
      storage.tables.tenants.tableName,
    );
    this.#output("FirstKey", "How to create a key", firstKeyCommand(settings));
    for (const name of namesIn(storage.streams)) {
      this.#output(`${constructId(name)}Stream`, `The stream ${name}`, storage.streams[name].streamName);
    }
    for (const { name, bucket } of data.buckets) {
      this.#output(`${constructId(name)}Bucket`, "Files put here are imported", bucket.bucketName);
    }
    this.#output("FailedRecordsBucket", "Records that were given up, whole", failedRecords.bucketName);
    this.#output(
      "UndeliveredQueue",
      "Events that no function accepted, such as runs of schedules",
      undelivered.queue.queueUrl,
    );
    this.#output("DashboardAddress", "The road of a position", dashboard.address);
    this.#output("AlarmTopic", "Subscribe here to be notified of problems", topic.topic.topicArn);
  }

  #output(id: string, description: string, value: string): void {
    new CfnOutput(this, id, { description, value });
  }
}

const ingestUrl = (functions: readonly BacktrackFunction[], settings: Settings): IngestUrl => {
  const fn = functions.find(({ definition }) => takesPositions(definition));
  if (!fn) throw new Error("no function takes positions over HTTP");
  return new IngestUrl(Stack.of(fn), "IngestUrl", { fn, settings });
};
