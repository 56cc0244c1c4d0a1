import type { Answer, EngineRequest, EngineResponse } from "../../../engines/server/http-server.ts";

/*
 * kinesalite never answers a GetShardIterator of type AT_TIMESTAMP when every record is older, the usual case
 * for "everything from now on". This wrapper finds the place itself, in the same single pass over the shard
 * that kinesalite makes. It handles JSON requests, which the SDK and the AWS CLI send; others pass through.
 */

const ITERATOR_TARGET = "Kinesis_20131202.GetShardIterator";

interface IteratorRequest {
  readonly ShardIteratorType?: string;
  readonly Timestamp?: number;
  readonly StreamName?: string;
  readonly ShardId?: string;
}
interface RecordsPage {
  readonly Records: readonly {
    readonly SequenceNumber: string;
    readonly ApproximateArrivalTimestamp: number;
  }[];
  readonly NextShardIterator?: string;
}

const parse = (body: Buffer): IteratorRequest => {
  try {
    return (JSON.parse(body.toString()) ?? {}) as IteratorRequest;
  } catch {
    return {};
  }
};

export const answerAtTimestamp =
  (answer: Answer): Answer =>
  async (request) => {
    const isJson = request.headers["content-type"]?.startsWith("application/x-amz-json-1.1");
    if (!isJson || request.headers["x-amz-target"] !== ITERATOR_TARGET) return answer(request);
    const { ShardIteratorType, Timestamp, StreamName, ShardId } = parse(request.body);
    // A missing or future timestamp is left to kinesalite to refuse, in AWS's words.
    if (ShardIteratorType !== "AT_TIMESTAMP" || !Timestamp || Timestamp * 1_000 > Date.now())
      return answer(request);

    const ask = (operation: string, input: object): Promise<EngineResponse> =>
      answer(derive(request, operation, input));
    const iteratorOf = (input: object) => ask("GetShardIterator", { StreamName, ShardId, ...input });

    let response = await iteratorOf({ ShardIteratorType: "TRIM_HORIZON" });
    while (response.status === 200) {
      const { ShardIterator } = JSON.parse(`${response.body}`) as { ShardIterator: string };
      const page = await ask("GetRecords", { ShardIterator });
      if (page.status !== 200) return page;
      const { Records, NextShardIterator } = JSON.parse(`${page.body}`) as RecordsPage;
      const found = Records.find((record) => record.ApproximateArrivalTimestamp >= Timestamp);
      if (found) {
        const StartingSequenceNumber = found.SequenceNumber;
        return iteratorOf({ ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber });
      }
      if (Records.length === 0) return response;
      if (!NextShardIterator) return response;
      response = { ...response, body: JSON.stringify({ ShardIterator: NextShardIterator }) };
    }
    return response;
  };

const derive = (request: EngineRequest, operation: string, input: object): EngineRequest => ({
  ...request,
  headers: { ...request.headers, "x-amz-target": `Kinesis_20131202.${operation}` },
  body: Buffer.from(JSON.stringify(input)),
});
