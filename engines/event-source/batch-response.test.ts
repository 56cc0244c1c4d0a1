import { describe, expect, it } from "vitest";
import { readBatchResponse } from "./batch-response.ts";
import { failuresOf, record } from "./testing.ts";

const records = [1, 2, 3, 4].map((number) => record(number));

describe("readBatchResponse", () => {
  it.each([[null], [undefined], [""], [{}], [{ batchItemFailures: null }], [{ batchItemFailures: [] }]])(
    "takes %j for success",
    (response) => {
      expect(readBatchResponse(response, records)).toEqual({ kind: "succeeded" });
    },
  );

  it("goes on from the lowest of the reported records, whatever their order", () => {
    expect(readBatchResponse(failuresOf(4, 2, 3), records)).toEqual({ kind: "failed-from", index: 1 });
  });

  it.each([
    ["ok"],
    [7],
    [{ batchItemFailures: "1" }],
    [failuresOf("")],
    [failuresOf(2, 99)],
    [{ batchItemFailures: [{ itemIdentifier: 2 }] }],
    [{ batchItemFailures: [{ id: "2" }] }],
    [{ batchItemFailures: [null] }],
  ])("takes %j for a failure of the whole batch", (response) => {
    expect(readBatchResponse(response, records)).toMatchObject({ kind: "invalid" });
  });
});
