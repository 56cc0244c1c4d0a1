import { createHash } from "node:crypto";
import { nkeys } from "@nats-io/transport-node";

/* An operator, an account with JetStream, and users of it, as NATS' JWTs: what `nsc` makes on an operator's machine. */

type KeyPair = ReturnType<typeof nkeys.createUser>;

export interface NatsAccounts {
  /** Lines for nats-server's configuration. */
  readonly configuration: string;
  /** What a credentials file of a new user of the account holds. */
  makeUser(): string;
}

const UNLIMITED = { subs: -1, data: -1, payload: -1 };

export const natsAccounts = (): NatsAccounts => {
  const [operator, system, account] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const tokenOf = (ofAccount: KeyPair, storage: object): string =>
    sign(operator, ofAccount.getPublicKey(), {
      type: "account",
      version: 2,
      limits: { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1, ...storage },
      default_permissions: { pub: {}, sub: {} },
    });
  const tokens = {
    [system.getPublicKey()]: tokenOf(system, {}),
    [account.getPublicKey()]: tokenOf(account, {
      mem_storage: -1,
      disk_storage: -1,
      streams: -1,
      consumer: -1,
    }),
  };
  const operatorToken = sign(operator, operator.getPublicKey(), { type: "operator", version: 2 });
  return {
    configuration: [
      `operator: "${operatorToken}"`,
      "resolver: MEMORY",
      `system_account: ${system.getPublicKey()}`,
      `resolver_preload: ${JSON.stringify(tokens)}`,
    ].join("\n"),
    makeUser() {
      const user = nkeys.createUser();
      const token = sign(account, user.getPublicKey(), {
        type: "user",
        version: 2,
        pub: {},
        sub: {},
        ...UNLIMITED,
      });
      const seed = new TextDecoder().decode(user.getSeed());
      return [
        "-----BEGIN NATS USER JWT-----",
        token,
        "------END NATS USER JWT------",
        "",
        "-----BEGIN USER NKEY SEED-----",
        seed,
        "------END USER NKEY SEED------",
        "",
      ].join("\n");
    },
  };
};

const sign = (issuer: KeyPair, subject: string, nats: object): string => {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: issuer.getPublicKey(), sub: subject, name: subject, iat: 1_795_000_000, nats };
  const jti = createHash("sha256").update(JSON.stringify(claims)).digest("hex");
  const signed = `${encode({ typ: "JWT", alg: "ed25519-nkey" })}.${encode({ jti, ...claims })}`;
  return `${signed}.${Buffer.from(issuer.sign(Buffer.from(signed))).toString("base64url")}`;
};
