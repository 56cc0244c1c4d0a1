import { request } from "node:http";
import { type Credentials, type RequestToSign, signRequest } from "./sign-request.ts";

/** Nobody checks them, and they are worthless at AWS itself. */
export const EMULATED_CREDENTIALS: Credentials = { accessKeyId: "test", secretAccessKey: "test" };
export const EMULATED_REGION = "us-east-1";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export type Call = Omit<RequestToSign, "host"> & {
  /** The service to call, or undefined to send the request without a signature. */
  readonly service?: string;
};

/**
 * Calls an emulator like AWS. All services answer on one address; `host` says which API is meant, which is
 * why this does not use `fetch`: that sets the header Host from the address.
 */
export const callEmulator = (endpoint: URL, host: string, { service, ...call }: Call): Promise<Answer> => {
  const toSign: RequestToSign = { ...call, host };
  const signer = { credentials: EMULATED_CREDENTIALS, region: EMULATED_REGION };
  const headers = service
    ? signRequest(toSign, { ...signer, service }, new Date())
    : { ...call.headers, host };
  const query = call.query?.size ? `?${call.query}` : "";
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: endpoint.hostname,
        port: endpoint.port,
        method: call.method,
        path: `${call.path}${query}`,
        headers,
        timeout: 60_000,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.once("error", reject);
    sent.once("timeout", () => sent.destroy(new Error(`${call.method} ${call.path}: no response in 60 s`)));
    sent.end(call.body);
  });
};
