import { MisconfiguredError } from "../../core/errors.ts";

/* In the place of kinesis.ts, where a bundle leaves Kinesis' client out. */

const refuse = (name: string): never => {
  throw new MisconfiguredError(
    `POSITIONS_STREAM is ${JSON.stringify(name)}, a stream of Kinesis, and this function was bundled without its client: ` +
      "it must be an address of JetStream, such as nats://host:4222/positions",
  );
};

export const kinesisStreamOf = refuse;
export const kinesisIdentityOf = refuse;
