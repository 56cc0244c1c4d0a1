import { expect, test } from "vitest";
import { parseRedriveOptions } from "./options.ts";

test("without options everything of the local stack is played", () => {
  expect(parseRedriveOptions([])).toEqual({ prefix: "aws/lambda/", dryRun: false });
});

test("every option is read", () => {
  const argv =
    "--stage prod --region eu-west-1 --profile fleet --bucket b --prefix aws/lambda/x/ --limit 5 --dry-run";
  expect(parseRedriveOptions(argv.split(" "))).toEqual({
    stage: "prod",
    region: "eu-west-1",
    profile: "fleet",
    bucket: "b",
    prefix: "aws/lambda/x/",
    limit: 5,
    dryRun: true,
  });
});

test.each([
  [["--bucket", "b"], /--bucket is for a stage on AWS/],
  [["--region", "eu-west-1"], /--region is for a stage on AWS/],
  [["--limit", "0"], /--limit.*whole number/],
  [["--limit", "many"], /--limit.*whole number/],
  [["--all"], /unknown option '--all'/],
  [["everything"], /too many arguments|unexpected argument/],
])("%j is wrong use", (argv, message) => {
  expect(() => parseRedriveOptions(argv)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringMatching(message) }),
  );
});
