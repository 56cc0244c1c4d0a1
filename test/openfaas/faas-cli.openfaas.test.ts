import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { DEPLOYED_GROUPS } from "../../infra/openfaas/groups.ts";
import { knativeServices } from "../../infra/openfaas/knative/knative-services.ts";
import { checkStack } from "../../infra/openfaas/stack/check-stack.ts";
import { withValues } from "../../infra/openfaas/stack/placeholders.ts";
import { STACK_FILE, STACK_RULES, stackYaml } from "../../infra/openfaas/stack/stack-file.ts";
import { unless } from "../unless.ts";
import { faasCli, WITHOUT_FAAS_CLI } from "./faas-cli.ts";

const documentsIn = (text: string) => parseAllDocuments(text).map((document) => document.toJS());
const ours = parse(withValues(stackYaml())).functions;

describe("faas-cli", unless(WITHOUT_FAAS_CLI), () => {
  test("makes of stack.yml the functions that were meant", () => {
    const { code, stdout, stderr } = faasCli().run("generate", "-f", STACK_FILE);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const made = documentsIn(stdout);
    expect(made).toHaveLength(DEPLOYED_GROUPS.length);
    for (const { metadata, spec } of made) {
      const { environment, labels, annotations, limits, requests, secrets, image } = ours[metadata.name];
      expect(spec).toEqual({
        name: metadata.name,
        image,
        environment,
        labels,
        ...(annotations && { annotations }),
        limits,
        requests,
        secrets: expect.arrayContaining(secrets),
        readOnlyRootFilesystem: true,
      });
    }
  });

  test("puts everything that the Dockerfile takes into the folders that Docker builds", () => {
    const cli = faasCli();
    const { code } = cli.run("build", "--shrinkwrap", "-f", STACK_FILE);
    expect(code).toBe(0);
    expect(readdirSync(join(cli.folder, "build")).toSorted()).toEqual(
      DEPLOYED_GROUPS.map(({ name }) => name).toSorted(),
    );
    for (const { name } of DEPLOYED_GROUPS) {
      const folder = join(cli.folder, "build", name);
      expect(readdirSync(folder).toSorted()).toEqual([
        ".dockerignore",
        "Dockerfile",
        "function",
        "template.yml",
      ]);
      expect(readdirSync(join(folder, "function"))).toEqual(["index.js"]);
      const dockerfile = readFileSync(join(cli.folder, "template/backtrack-node/Dockerfile"), "utf8");
      expect(readFileSync(join(folder, "Dockerfile"), "utf8")).toBe(dockerfile);
    }
  });

  test("drops limits and the read-only root on the way to Knative, which our command puts back", () => {
    const { code, stdout } = faasCli().run("generate", "--api=serving.knative.dev/v1", "-f", STACK_FILE);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/resources:|readOnlyRootFilesystem/);
    const services = documentsIn(knativeServices(stdout, stackYaml(), {}));
    expect(services).toHaveLength(DEPLOYED_GROUPS.length);
    for (const { metadata, spec } of services) {
      const { limits, requests, secrets } = ours[metadata.name];
      const [container] = spec.template.spec.containers;
      expect(container.resources).toEqual({ limits, requests });
      expect(container.securityContext).toMatchObject({ readOnlyRootFilesystem: true, runAsNonRoot: true });
      expect(
        container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath).toSorted(),
      ).toEqual([...secrets.map((secret: string) => `/var/openfaas/secrets/${secret}`), "/tmp"].toSorted());
    }
  });

  /**
   * The reason for a schema of our own. If faas-cli refuses one of these some day, the schema may let it go.
   */
  test.each([
    ["an unknown field", "    lang: backtrack-node", "    langs: x\n    lang: backtrack-node"],
    ["no lang", "    lang: backtrack-node\n", ""],
    ["no image", /^ {4}image: .*\n/m, ""],
    ["a quantity that is none", "memory: 768Mi", "memory: 12Gibbon"],
    ["a name that is no DNS name", "  backtrack:", "  Backtrack_API:"],
    ["a duration that is none", /exec_timeout: \d+s/, "exec_timeout: banana"],
    ["a variable that is not set", /:-keys\}/, "}"],
    ["a list of topics", "topic: cron-function", 'topic: "cron-function,other"'],
    ["scaling to zero", "com.openfaas.scale.max", "com.openfaas.scale.zero"],
  ])("takes %s without a word, and our schema doesn't", (_, from, to) => {
    const text = stackYaml().replace(from, to);
    expect(text).not.toBe(stackYaml());
    const cli = faasCli();
    cli.write("wrong.yml", text);
    expect(cli.run("generate", "-f", "wrong.yml")).toMatchObject({ code: 0, stderr: "" });
    expect(checkStack(text, STACK_RULES).length).toBeGreaterThan(0);
  });
});
