import { expect, test } from "vitest";
import { type RequestToSign, signRequest } from "./sign-request.ts";

// The credentials, the time and the signatures of AWS's own Signature Version 4 test suite.
const SIGNER = {
  // The key of the examples in AWS's documentation. secretlint-disable-next-line
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
  region: "us-east-1",
  service: "service",
};
const AT = new Date("2015-08-30T12:36:00Z");

const signatureOf = (request: RequestToSign): string | undefined =>
  signRequest(request, SIGNER, AT).authorization?.split("Signature=")[1];

test("a plain GET, as in get-vanilla", () => {
  expect(signatureOf({ method: "GET", host: "example.amazonaws.com", path: "/" })).toBe(
    "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  );
});

test("a query in any order, as in get-vanilla-query-order-key-case", () => {
  const query = new URLSearchParams([
    ["Param2", "value2"],
    ["Param1", "value1"],
  ]);
  expect(signatureOf({ method: "GET", host: "example.amazonaws.com", path: "/", query })).toBe(
    "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  );
});

test("a POST, as in post-vanilla", () => {
  expect(signatureOf({ method: "POST", host: "example.amazonaws.com", path: "/" })).toBe(
    "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  );
});
