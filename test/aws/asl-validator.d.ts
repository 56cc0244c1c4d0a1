declare module "asl-validator" {
  /** Checks an Amazon States Language definition against the specification's schema and rules. */
  function validate(
    definition: object,
    options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean },
  ): { readonly isValid: boolean; errorsText(separator?: string): string };
  export = validate;
}
