import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { knativeServices } from "./knative-services.ts";

const STACK = `version: "1.0"
provider:
  name: openfaas
functions:
  backtrack:
    lang: backtrack-node
    image: "\${IMAGES:-localhost:5000}/backtrack:0.1.0"
    environment: { ACCESS: keys, max_inflight: "64", exec_timeout: 29s, write_timeout: 39s }
    secrets: [backtrack-invoke-token]
    labels: { com.openfaas.scale.min: "1", com.openfaas.scale.max: "5" }
    limits: { memory: 768Mi, cpu: 2000m }
    requests: { memory: 192Mi, cpu: 100m }
    readonly_root_filesystem: true
`;

/** In the shape in which faas-cli 0.18.12 prints a function for Knative. */
const service = (name: string) => `---
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: ${name}
  namespace: openfaas-fn
  annotations:
    topic: kept
spec:
  template:
    spec:
      containers:
        - image: localhost:5000/${name}:0.1.0
          env:
            - name: ACCESS
              value: keys
          volumeMounts:
            - name: backtrack-invoke-token
              mountPath: /var/openfaas/secrets/backtrack-invoke-token
              readOnly: true
      volumes:
        - name: backtrack-invoke-token
          secret:
            secretName: backtrack-invoke-token

`;

test("what was left out is put back, and what was there stays", () => {
  expect(parse(knativeServices(service("backtrack"), STACK, {}))).toEqual({
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: {
      name: "backtrack",
      namespace: "openfaas-fn",
      annotations: { topic: "kept" },
      labels: { "networking.knative.dev/visibility": "cluster-local" },
    },
    spec: {
      template: {
        metadata: {
          annotations: { "autoscaling.knative.dev/min-scale": "1", "autoscaling.knative.dev/max-scale": "5" },
        },
        spec: {
          timeoutSeconds: 39,
          containerConcurrency: 64,
          containers: [
            {
              image: "localhost:5000/backtrack:0.1.0",
              env: [{ name: "ACCESS", value: "keys" }],
              ports: [{ name: "http1", containerPort: 8080 }],
              resources: {
                limits: { memory: "768Mi", cpu: "2000m" },
                requests: { memory: "192Mi", cpu: "100m" },
              },
              readinessProbe: { httpGet: { path: "/_/ready" }, periodSeconds: 5 },
              securityContext: {
                runAsNonRoot: true,
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
                seccompProfile: { type: "RuntimeDefault" },
              },
              volumeMounts: [
                {
                  name: "backtrack-invoke-token",
                  mountPath: "/var/openfaas/secrets/backtrack-invoke-token",
                  readOnly: true,
                },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "backtrack-invoke-token", secret: { secretName: "backtrack-invoke-token" } },
            { name: "tmp", emptyDir: { medium: "Memory", sizeLimit: "64Mi" } },
          ],
        },
      },
    },
  });
});

test("a root that may be written to needs no other place", () => {
  const text = knativeServices(
    service("backtrack"),
    STACK.replace("filesystem: true", "filesystem: false"),
    {},
  );
  const { spec } = parse(text).spec.template;
  expect(spec.volumes).toHaveLength(1);
  expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(false);
});

test("every service is completed by its own function", () => {
  const two = `${STACK}${STACK.slice(STACK.indexOf("  backtrack:")).replace("  backtrack:", "  backtrack-play:").replace("768Mi", "512Mi")}`;
  const made = parseAllDocuments(knativeServices(service("backtrack") + service("backtrack-play"), two, {}));
  expect(made.map((each) => each.toJS().spec.template.spec.containers[0].resources.limits.memory)).toEqual([
    "768Mi",
    "512Mi",
  ]);
});

describe("what does not fit is refused", () => {
  test.each([
    [
      "a function of OpenFaaS",
      service("backtrack").replace("serving.knative.dev/v1", "openfaas.com/v1"),
      "(got openfaas.com/v1 Service)",
    ],
    [
      "a function that is not in stack.yml",
      service("other"),
      "service other is there twice, or not in stack.yml",
    ],
    ["a function twice", service("backtrack") + service("backtrack"), "service backtrack is there twice"],
    ["nothing", "", "lacks the services backtrack"],
    ["what is no YAML", "a: [", "standard input: "],
    ["text", "Unable to find stack.yml", "(got undefined undefined)"],
  ])("%s", (_, generated, problem) => {
    expect(() => knativeServices(generated, STACK, {})).toThrow(problem);
  });
});
