import { describe, expect, test } from "vitest";
import { licenceProblems } from "./licences.ts";

const component = (...licenses: object[]) => ({
  components: [{ name: "left-pad", version: "1.3.0", licenses }],
});

describe("finding 24: licences of what is deployed", () => {
  test.each([
    [{ license: { id: "MIT" } }],
    [{ expression: "(MIT OR GPL-3.0-only)" }],
    [{ expression: "Apache-2.0 AND BSD-3-Clause" }],
  ])("%j is allowed", (licence) => {
    expect(licenceProblems(component(licence))).toEqual([]);
  });

  test.each([
    [{ license: { id: "GPL-3.0-only" } }, "GPL-3.0-only"],
    [{ expression: "MIT AND SSPL-1.0" }, "MIT AND SSPL-1.0"],
    [{ license: { name: "see LICENCE.txt" } }, "see LICENCE.txt"],
  ])("%j is reported", (licence, told) => {
    expect(licenceProblems(component(licence))).toEqual([`left-pad@1.3.0: ${told}`]);
  });

  test("so is a package that tells none", () => {
    expect(licenceProblems(component())).toEqual(["left-pad@1.3.0: no licence stated"]);
  });
});
