/** What the preflight has to know of `cdk deploy`'s arguments. All of them are passed to `cdk` unchanged. */
export interface CdkArguments {
  readonly context: Readonly<Record<string, string>>;
  readonly profile?: string;
}

const OPTION = /^(-c|--context|--profile)(?:=(.*))?$/s;

export const readCdkArguments = (argv: readonly string[]): CdkArguments => {
  const context: Record<string, string> = {};
  let profile: string | undefined;
  for (let index = 0; index < argv.length; index++) {
    const [, option, attached] = OPTION.exec(argv[index] ?? "") ?? [];
    if (!option) continue;
    const value = attached ?? argv[++index] ?? "";
    if (option === "--profile") {
      profile = value;
      continue;
    }
    const [key = "", ...rest] = value.split("=");
    context[key] = rest.join("=");
  }
  return { context, profile };
};
