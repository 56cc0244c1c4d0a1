import { MisconfiguredError } from "../../core/errors.ts";

/* In the place of jetstream.ts, where a bundle leaves NATS' client out. */

const refuse = (): never => {
  throw new MisconfiguredError(
    "POSITIONS_STREAM is an address of NATS, and this function was bundled without its client: it must be the name of a stream in Kinesis",
  );
};

export const jetStreamOf = refuse;
export const jetStreamIdentityOf = refuse;
