import { describe, expect, test } from "vitest";
import { checkStack } from "./check-stack.ts";

const STACK = `version: "1.0"
provider:
  name: openfaas
  gateway: \${OPENFAAS_URL:-http://127.0.0.1:8080}
functions:
  backtrack-play:
    lang: backtrack-node
    handler: ./dist/openfaas/backtrack-play
    image: \${IMAGES:-localhost:5000}/backtrack-play:0.1.0
    build_args:
      SERVER: node
    environment:
      POSITIONS_STREAM: nats://backtrack-nats:4222/positions
      exec_timeout: 15m
      read_timeout: 910s
      write_timeout: 15m10s
    secrets:
      - backtrack-invoke-token
    labels:
      com.openfaas.scale.min: "1"
      com.openfaas.scale.max: "5"
      app.kubernetes.io/part-of: backtrack
    limits: { memory: 512Mi, cpu: 1000m }
    requests: { memory: 128Mi, cpu: 50m }
    readonly_root_filesystem: true
  backtrack-sweep:
    lang: backtrack-node
    handler: ./dist/openfaas/backtrack-sweep
    image: \${IMAGES:-localhost:5000}/backtrack-sweep:0.1.0
    environment: { exec_timeout: 60s, read_timeout: 70s, write_timeout: 70s }
    secrets: [backtrack-invoke-token]
    labels: { com.openfaas.scale.min: "1", com.openfaas.scale.max: "1", app.kubernetes.io/part-of: backtrack }
    annotations: { topic: cron-function, schedule: "*/10 * * * *" }
    limits: { memory: 256Mi, cpu: "1" }
    requests: { memory: 64Mi, cpu: 20m }
    readonly_root_filesystem: true
`;

const RULES = { cronFunctions: ["backtrack-sweep"], gatewayTimeoutSeconds: 930 };

/** The first occurrence is replaced; it must be there, or the test would prove nothing. */
const changed = (from: string, to: string): string => {
  expect(STACK).toContain(from);
  return STACK.replace(from, to);
};

test("a stack file as it ought to be has no problems, whatever its variables stand for", () => {
  expect(checkStack(STACK, RULES)).toEqual([]);
  expect(checkStack(STACK, { ...RULES, environment: { IMAGES: "ghcr.io/you", OPENFAAS_URL: "" } })).toEqual(
    [],
  );
});

/** What faas-cli takes without a word, or with another meaning. */
describe("what faas-cli takes is refused", () => {
  const AT = "functions.backtrack-play";
  test.each([
    [
      "an unknown field of a function",
      changed("    readonly_root", "    readonly_root_filesytem: true\n    readonly_root"),
      `${AT}.readonly_root_filesytem is not a field here; the fields are: lang, handler, image`,
    ],
    [
      "an unknown field of the file",
      `${STACK}fuctions: {}\n`,
      "fuctions is not a field here; the fields are: version, provider, functions",
    ],
    [
      "no lang",
      changed("    lang: backtrack-node\n", ""),
      `${AT}.lang is required: it must be "backtrack-node"`,
    ],
    [
      "no image",
      changed(`    image: \${IMAGES:-localhost:5000}/backtrack-play:0.1.0\n`, ""),
      `${AT}.image is required: it must be an image with a tag other than latest`,
    ],
    [
      "an image without a tag",
      changed("backtrack-play:0.1.0", "backtrack-play"),
      `${AT}.image must be an image with a tag other than latest, in lower case`,
    ],
    ["the tag latest", changed("play:0.1.0", "play:latest"), `${AT}.image must be an image with a tag`],
    [
      "an image in upper case",
      changed("backtrack-play:0.1.0", "Backtrack-Play:0.1.0"),
      `${AT}.image must be an image`,
    ],
    [
      "a name that is no DNS name",
      changed("  backtrack-play:", "  Backtrack_API:"),
      "functions.Backtrack_API must be a DNS-1123 label: a to z, 0 to 9 and -, at most 63 characters, as in " +
        'backtrack-play (got "Backtrack_API")',
    ],
    [
      "a secret's name that is none",
      changed("- backtrack-invoke-token", "- INVOKE_TOKEN"),
      `${AT}.secrets.0 must be a DNS-1123 label`,
    ],
    [
      "a quantity that is none",
      changed("memory: 512Mi", "memory: 12Gibbon"),
      `${AT}.limits.memory must be a Kubernetes quantity of memory in Mi or Gi, as in 256Mi (got "12Gibbon")`,
    ],
    ["memory in thousandths", changed("512Mi", "512m"), `${AT}.limits.memory must be a Kubernetes quantity`],
    ["CPU that is none", changed("1000m", "half"), `${AT}.limits.cpu must be a Kubernetes quantity of CPU`],
    ["no limits", changed("    limits: { memory: 512Mi, cpu: 1000m }\n", ""), `${AT}.limits is required`],
    [
      "a request above its limit",
      changed("requests: { memory: 128Mi", "requests: { memory: 1Gi"),
      `${AT}.requests.memory must be at most the limit, 512Mi (got "1Gi")`,
    ],
    [
      "a root that can be written to",
      changed("readonly_root_filesystem: true", "readonly_root_filesystem: false"),
      `${AT}.readonly_root_filesystem must be true (got false)`,
    ],
    [
      "a variable without a default",
      changed(`\${IMAGES:-localhost:5000}`, `\${IMAGES}`),
      `line 9: a $ must be part of \${NAME:-default}, with a default (got`,
    ],
    [
      "a default of nothing",
      changed(`\${IMAGES:-localhost:5000}`, `\${IMAGES:-}`),
      "line 9: a $ must be part of",
    ],
    ["a variable in a comment", `# \${X}\n${STACK}`, "line 1: a $ must be part of"],
    [
      "two defaults for one variable",
      changed(`\${IMAGES:-localhost:5000}/backtrack-sweep`, `\${IMAGES:-ghcr.io/you}/backtrack-sweep`),
      `line 29: \${IMAGES:-ghcr.io/you} must have the same default as before, localhost:5000`,
    ],
    [
      "a variable that is no text",
      changed("nats://backtrack-nats:4222/positions", "yes_no: [1]").replace(
        "STREAM: yes_no: [1]",
        "STREAM: 017",
      ),
      `${AT}.environment.POSITIONS_STREAM must be text that is not empty, in quotes (got 17)`,
    ],
    [
      "a variable's name that is none",
      changed("POSITIONS_STREAM:", "POSITIONS-STREAM:"),
      `${AT}.environment.POSITIONS-STREAM must be the name of a variable`,
    ],
    ["no timeout", changed("      exec_timeout: 15m\n", ""), `${AT}.environment.exec_timeout is required`],
    [
      "a duration that is none",
      changed("exec_timeout: 15m", "exec_timeout: 15 minutes"),
      `${AT}.environment.exec_timeout must be a duration such as 90s or 15m10s (got "15 minutes")`,
    ],
    [
      "a duration without a unit",
      changed("exec_timeout: 15m", 'exec_timeout: "900"'),
      `${AT}.environment.exec_timeout must be a duration such as 90s or 15m10s (got "900")`,
    ],
    [
      "a timeout of nothing, which is none at all",
      changed("exec_timeout: 15m", "exec_timeout: 0s"),
      `${AT}.environment.exec_timeout must be above 0 (got "0s")`,
    ],
    [
      "a connection that ends with the call",
      changed("write_timeout: 15m10s", "write_timeout: 15m"),
      `${AT}.environment.write_timeout must be above exec_timeout, 900s (got "15m")`,
    ],
    [
      "a gateway that ends before the connection",
      changed("read_timeout: 910s", "read_timeout: 930s"),
      `${AT}.environment.read_timeout must be below the gateway's timeout, 930s (got "930s")`,
    ],
    [
      "scaling to zero, which is not in Community Edition",
      changed(
        'com.openfaas.scale.min: "1"',
        'com.openfaas.scale.min: "1"\n      com.openfaas.scale.zero: "true"',
      ),
      `${AT}.labels.com.openfaas.scale.zero is not a field here`,
    ],
    [
      "more replicas than Community Edition runs",
      changed('scale.max: "5"', 'scale.max: "20"'),
      `${AT}.labels.com.openfaas.scale.max must be "1" to "5", in quotes`,
    ],
    [
      "fewer replicas at most than at least",
      changed('scale.min: "1"', 'scale.min: "3"').replace('scale.max: "5"', 'scale.max: "2"'),
      `${AT}.labels.com.openfaas.scale.min must be at most com.openfaas.scale.max, 2 (got "3")`,
    ],
    [
      "a label that is a number",
      changed('scale.min: "1"', "scale.min: 1"),
      `${AT}.labels.com.openfaas.scale.min`,
    ],
    [
      "a list of topics, of which the connector takes none",
      changed("topic: cron-function", 'topic: "cron-function,other"'),
      'functions.backtrack-sweep.annotations.topic must be "cron-function"',
    ],
    [
      "a schedule with seconds",
      changed('"*/10 * * * *"', '"0 */10 * * * *"'),
      "functions.backtrack-sweep.annotations.schedule must be five fields",
    ],
    [
      "a clock that starts another function",
      changed(
        "    limits: { memory: 512Mi",
        "    annotations: { topic: cron-function }\n    limits: { memory: 512Mi",
      ),
      `${AT}.annotations.topic is only for functions that the clock starts (got "cron-function")`,
    ],
    [
      "a provider that is another",
      changed("name: openfaas", "name: faas"),
      'provider.name must be "openfaas" (got "faas")',
    ],
    [
      "a gateway without its scheme",
      changed("http://127.0.0.1:8080", "127.0.0.1:8080"),
      "provider.gateway must be the gateway's http: or https: address",
    ],
    ["a version that is a number", changed('"1.0"', "1.0"), 'version must be "1.0", in quotes (got 1)'],
    [
      "a key that is there twice",
      changed("    lang:", "    lang: node\n    lang:"),
      "Map keys must be unique",
    ],
    [
      "a handler elsewhere",
      changed("./dist/openfaas/backtrack-play", "./build/backtrack-play"),
      `${AT}.handler must be a folder in ./dist/openfaas`,
    ],
    [
      "another template",
      changed("lang: backtrack-node", "lang: node22"),
      `${AT}.lang must be "backtrack-node"`,
    ],
    ["text that is no YAML", `${STACK}  : : [`, ""],
    ["nothing", "", "stack.yml must be an object"],
  ])("%s", (_, text, problem) => {
    const problems = checkStack(text, RULES);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toContain(problem);
  });

  test("a sixteenth function, which Community Edition does not run", () => {
    const [, sweep] = STACK.split(/^(?= {2}backtrack-sweep:)/m);
    const many = Array.from({ length: 14 }, (_, index) =>
      sweep.replace("backtrack-sweep:", `f${index}:`).replace(/ {4}annotations.*\n/, ""),
    );
    expect(checkStack(STACK + many.slice(1).join(""), RULES)).toEqual([]);
    expect(checkStack(STACK + many.join(""), RULES)).toEqual([
      expect.stringContaining("functions must be 1 to 15 functions, which is what Community Edition runs"),
    ]);
  });

  test("several problems at once, each by itself", () => {
    const text = changed("512Mi", "12Gibbon").replace("cron-function", "mqtt");
    expect(checkStack(text, RULES)).toHaveLength(2);
  });
});
