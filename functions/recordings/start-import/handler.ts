import * as Type from "typebox";
import { dynamoClient } from "../../../lib/adapters/dynamodb/client.ts";
import { dynamoTaskStore } from "../../../lib/adapters/dynamodb/task-store.ts";
import { etagVersion } from "../../../lib/adapters/s3/object-version.ts";
import { sfnClient } from "../../../lib/adapters/step-functions/client.ts";
import { stepFunctionsStarter } from "../../../lib/adapters/step-functions/workflow-starter.ts";
import { ownerOfFile } from "../../../lib/core/recording/owner-of-file.ts";
import { type StartImportPorts, startImport } from "../../../lib/core/recording/start-import.ts";
import { type OfTenant, portsOfTenant } from "../../../lib/core/tenant/of-tenant.ts";
import { readEnvironment } from "../../../lib/runtime/environment.ts";
import { functionLogger } from "../../../lib/runtime/logger.ts";
import { taskFunction } from "../../../lib/runtime/task.ts";
import definition from "./definition.ts";

/** The part we need of EventBridge's event for a new S3 object. The key is not encoded. */
const OBJECT_CREATED = Type.Object({
  "detail-type": Type.Literal("Object Created"),
  detail: Type.Object({
    bucket: Type.Object({ name: Type.String({ minLength: 1 }) }),
    object: Type.Object({
      key: Type.String({ minLength: 1 }),
      etag: Type.String({ minLength: 1 }),
      // Absent while the bucket's versioning is suspended.
      "version-id": Type.Optional(Type.String({ minLength: 1 })),
    }),
  }),
});

export interface Ports extends StartImportPorts {
  /** Told of a file that is no tenant's. */
  readonly warn: (message: string, details: { readonly file: string; readonly reason: string }) => void;
}

export const createHandler = (portsOf: OfTenant<Ports>) =>
  taskFunction(definition, OBJECT_CREATED, async ({ detail: { bucket, object } }) => {
    const { tenant, reason } = ownerOfFile(object.key);
    if (reason !== undefined) {
      // No tenant owns the file, so there is no task to report it in.
      portsOf(tenant).warn("a file was not imported", { file: object.key, reason });
      return {};
    }
    const file = {
      bucket: bucket.name,
      key: object.key,
      version: object["version-id"] ?? etagVersion(object.etag),
    };
    return { taskId: await startImport(portsOf(tenant), file) };
  });

const logger = functionLogger(definition);
const environment = readEnvironment(definition);

export const handler = createHandler(
  portsOfTenant(
    {
      tasks: dynamoTaskStore(dynamoClient(), environment.table("tasks"), environment.table("listings")),
      workflows: stepFunctionsStarter(sfnClient(), {
        "import-recording": environment.workflow("import-recording"),
      }),
    },
    {
      now: Date.now,
      keptDays: environment.limit("importTaskKeptDays"),
      warn: (...line: Parameters<Ports["warn"]>) => logger.warn(...line),
    },
  ),
);
