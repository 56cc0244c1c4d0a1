import { expect, it } from "vitest";
import { functionsAddress } from "./functions-address.ts";

const GROUP = { name: "backtrack", shortName: "http" };

it.each([
  ["http://gateway.openfaas:8080", "http://gateway.openfaas:8080/function/backtrack"],
  ["https://faas.example/sub/", "https://faas.example/sub/function/backtrack"],
  ["http://backtrack-{group}:8080", "http://backtrack-http:8080"],
  ["http://{function}.openfaas-fn:8080/", "http://backtrack.openfaas-fn:8080"],
  ["http://127.0.0.1:9000/function/{function}", "http://127.0.0.1:9000/function/backtrack"],
])("%s calls %s", (text, address) => {
  expect(functionsAddress(text, () => GROUP)("get-device")).toBe(address);
});

it.each([
  ["", "be an http: or https: URL"],
  ["gateway:8080", "be an http: or https: URL"],
  ["ftp://gateway", "be an http: or https: URL"],
  ["http://backtrack-{room}:8080", "hold {group} or {function} and no other placeholder"],
  ["http://u:p@gateway", "be a URL without user, query or fragment"],
  ["http://gateway?x=1", "be a URL without user, query or fragment"],
])("%j is refused by name and rule", (text, rule) => {
  expect(() => functionsAddress(text, () => GROUP)).toThrow(
    new RangeError(`FUNCTIONS_URL must ${rule} (got ${JSON.stringify(text)})`),
  );
});
