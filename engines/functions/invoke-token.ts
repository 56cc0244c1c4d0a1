import { INVOKE_TOKEN_HEADER, INVOKE_TOKEN_SECRET } from "../../hosts/openfaas/invocation.ts";
import { type ChangingSecretOptions, changingSecret } from "../../lib/secrets/changing-secret.ts";

/**
 * The headers that let a call of a self-hosted function in: the token of the secret `backtrack-invoke-token`,
 * read again after a change. Raises an Error that names the secret while there is none.
 */
export const invokeTokenHeaders = (
  folder: string,
  options?: ChangingSecretOptions,
): (() => Readonly<Record<string, string>>) => {
  const token = changingSecret(folder, INVOKE_TOKEN_SECRET, options);
  return () => {
    const text = token.current();
    if (text === undefined) throw new Error(`secret ${INVOKE_TOKEN_SECRET} is missing in ${folder}`);
    return { [INVOKE_TOKEN_HEADER]: text };
  };
};
