import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoRecordingStore } from "../../lib/adapters/dynamodb/recording-store.ts";
import type { RecordingStore } from "../../lib/core/recording/recording.ts";
import { nextLink, type PageQuery } from "../../lib/runtime/api/page.ts";
import { recordingJson } from "../../lib/runtime/api/recording.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = ({ recordings }: { readonly recordings: RecordingStore }) =>
  httpFunction(definition, {
    "GET /recordings": async (request: HttpRequest<object, PageQuery>) => {
      const { items, cursor } = await recordings.list(request.query);
      return {
        status: 200,
        headers: nextLink(request, cursor),
        body: { recordings: items.map(recordingJson), cursor },
      };
    },
  });

const environment = readEnvironment(definition);

export const handler = createHandler({
  recordings: dynamoRecordingStore(dynamoClient(), environment.table("recordings")),
});
