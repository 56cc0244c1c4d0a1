import { defineKind, type ElementOf, screaming } from "./kind.ts";

export interface Stream {
  /** The least that Kinesis keeps, at no extra cost; `-c retentionHours=` keeps more. */
  readonly retentionHours: number;
  readonly localShards: number;
}

const DECLARED = {
  positions: { retentionHours: 24, localShards: 2 },
} as const satisfies Readonly<Record<string, Stream>>;

export type StreamName = keyof typeof DECLARED;
export const STREAMS: Readonly<Record<StreamName, Stream>> = DECLARED;

export interface UsesStreams {
  /** Granted for writing, and named to the function as `<NAME>_STREAM`. */
  readonly publishesTo?: readonly StreamName[];
  /** The stream that feeds the function, and is named to it as well. */
  readonly stream?: { readonly stream: StreamName };
}

export interface StreamEnvironment<D extends UsesStreams> {
  /** The name of a stream in Kinesis, or its address in JetStream: lib/adapters/streams tells them apart. */
  readonly stream: (name: ElementOf<D["publishesTo"]> | FeedOf<D["stream"]>) => string;
}

type FeedOf<Field> = NonNullable<Field> extends { readonly stream: infer Name } ? Name : never;

type StreamUse = "publish" | "consume";

/** `positions` -> `POSITIONS_STREAM`. */
export const streamVariable = (stream: StreamName): string => `${screaming(stream)}_STREAM`;

export const streamKind = defineKind({
  name: "stream",
  uses: ({ publishesTo = [], stream }: UsesStreams): [StreamName, StreamUse][] => [
    ...publishesTo.map((name): [StreamName, StreamUse] => [name, "publish"]),
    ...(stream ? [[stream.stream, "consume"] satisfies [StreamName, StreamUse]] : []),
  ],
  variables: (name): Record<string, string> => ({ [streamVariable(name)]: "name" }),
  permissions: (_, use) =>
    use === "publish"
      ? [
          { actions: ["kinesis:PutRecords"], on: "arn" },
          { actions: ["kms:GenerateDataKey"], on: "key", optional: true },
        ]
      : // It asks when the stream was created (lib/core/stream/stream-identity.ts). Reading is granted with the event source.
        [{ actions: ["kinesis:DescribeStreamSummary"], on: "arn" }],
  local: (name, { arn }) => ({ name, arn: arn("kinesis", `stream/${name}`) }),
  read: (variable): StreamEnvironment<UsesStreams> => ({ stream: (name) => variable(streamVariable(name)) }),
});
