import { dynamoAccess } from "../../lib/adapters/dynamodb/api-key-store.ts";
import { dynamoClient } from "../../lib/adapters/dynamodb/client.ts";
import { dynamoDeviceStore } from "../../lib/adapters/dynamodb/device-store.ts";
import type { DeviceStore } from "../../lib/core/device/device-store.ts";
import { checkAccess } from "../../lib/runtime/access.ts";
import { deviceJson } from "../../lib/runtime/api/device.ts";
import { fittingPage, nextLink, type PageQuery } from "../../lib/runtime/api/page.ts";
import { readEnvironment } from "../../lib/runtime/environment.ts";
import { type HttpRequest, httpFunction } from "../../lib/runtime/http.ts";
import definition from "./definition.ts";

export const createHandler = ({ devices }: { readonly devices: DeviceStore }) =>
  httpFunction(definition, {
    "GET /devices": async (request: HttpRequest<object, PageQuery>) => {
      const { devicePrefix: idPrefix } = request.caller;
      const list = (page: PageQuery) => devices.list({ ...page, idPrefix });
      const { items, cursor } = await fittingPage(request.query, list, deviceJson);
      return { status: 200, headers: nextLink(request, cursor), body: { devices: items, cursor } };
    },
  });

const environment = readEnvironment(definition);
const client = dynamoClient();

export const handler = createHandler({
  devices: dynamoDeviceStore(client, environment.table("devices"), environment.table("listings")),
}).use(checkAccess(definition, environment, dynamoAccess(client, environment.table("keys"))));
