import type { Construct } from "constructs";
import { HttpApi, type HttpApiProps } from "./http-api.ts";
import { Part } from "./part.ts";

/** The way in over HTTP to all rooms. */
export class ApiStack extends Part {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id, { description: "Backtrack: the HTTP API" });
    this.api = new HttpApi(this, "Api", props);
  }
}
