import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEPLOYED_GROUPS } from "../../../infra/openfaas/groups.ts";
import { installPythonPackage, NoPythonPackageError } from "../../../infra/python-package.ts";
import { ROOT } from "../../stack-process.ts";
import { unless } from "../../unless.ts";
import { mayConnect, type Pod, selects } from "./network-policy.ts";
import { copyManifests, type KubernetesObject, type Manifests, WITHOUT_KUBECTL } from "./rendered.ts";

/** Held to the newest Kubernetes whose schemas the package has, and to one that is still common. */
const KUBERNETES_VERSIONS = ["1.37", "1.30"];

let manifests: Manifests;
beforeAll(() => {
  if (WITHOUT_KUBECTL === undefined) manifests = copyManifests();
});
afterAll(() => manifests?.close());

const VARIANTS: readonly (readonly [overlay: string, components: readonly string[]])[] = [
  ["plain", []],
  ["openfaas", []],
  ["plain", ["sync-always", "external-store"]],
  ["openfaas", ["sync-always", "external-store"]],
  ["plain", ["autoscaling", "ingress"]],
  ["openfaas", ["ingress"]],
];

// biome-ignore lint/suspicious/noExplicitAny: see KubernetesObject.
const podOf = ({ kind, spec }: KubernetesObject): any =>
  kind === "CronJob" ? spec.jobTemplate.spec.template : spec.template;
const WORKLOADS = new Set(["Deployment", "StatefulSet", "CronJob"]);
const workloads = (objects: readonly KubernetesObject[]) => objects.filter(({ kind }) => WORKLOADS.has(kind));

describe.each(VARIANTS)("%s with %j", unless(WITHOUT_KUBECTL), (overlay, components) => {
  let objects: readonly KubernetesObject[];
  beforeAll(() => {
    objects = manifests.render(overlay, components);
  });
  const named = (kind: string, name: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === name);

  test("every pod is restricted, limited and watched", () => {
    for (const workload of workloads(objects)) {
      const { name } = workload.metadata;
      const { spec } = podOf(workload);
      expect(spec, name).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      });
      const [container, ...others] = spec.containers;
      expect(others).toEqual([]);
      const { capabilities, ...context } = container.securityContext;
      expect(context, name).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
      expect(capabilities.drop, name).toEqual(["ALL"]);
      expect(capabilities.add, name).toEqual(name === "backtrack-proxy" ? ["NET_BIND_SERVICE"] : undefined);
      expect(container.resources.requests, name).toMatchObject({
        cpu: expect.any(String),
        memory: expect.any(String),
      });
      expect(container.resources.limits.memory, name).toEqual(expect.any(String));
      if (workload.kind === "CronJob") continue;
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) {
        const { httpGet, tcpSocket } = container[probe] ?? {};
        const ports = container.ports.map((port: { name: string }) => port.name);
        expect(ports, `${name} ${probe}`).toContain((httpGet ?? tcpSocket)?.port);
      }
    }
  });

  test("what a pod mounts and reads its variables from is there", () => {
    for (const workload of workloads(objects)) {
      const { spec } = podOf(workload);
      const [{ volumeMounts = [], envFrom = [], image }] = spec.containers;
      const volumes = [...(spec.volumes ?? []), ...(workload.spec.volumeClaimTemplates ?? [])].map(
        (volume) => volume.name ?? volume.metadata.name,
      );
      for (const mount of volumeMounts) expect(volumes, workload.metadata.name).toContain(mount.name);
      for (const { configMap, secret, projected } of spec.volumes ?? []) {
        if (configMap) expect(named("ConfigMap", configMap.name), configMap.name).toBeDefined();
        if (secret) expect(named("Secret", secret.secretName), secret.secretName).toBeDefined();
        for (const source of projected?.sources ?? [])
          expect(named("Secret", source.secret.name), source.secret.name).toBeDefined();
      }
      for (const { configMapRef } of envFrom)
        expect(named("ConfigMap", configMapRef.name), configMapRef.name).toBeDefined();
      expect(image).toMatch(/^[a-z0-9./-]+:(?!latest)[0-9][a-z0-9.-]*$/);
    }
  });

  test("every Service and budget finds pods, and every port is one of theirs", () => {
    const found = objects.filter(({ kind }) => kind === "Service" || kind === "PodDisruptionBudget");
    expect(found.length).toBeGreaterThan(3);
    for (const { kind, metadata, spec } of found) {
      const selector = kind === "Service" ? { matchLabels: spec.selector } : spec.selector;
      const pods = workloads(objects).filter((each) => selects(selector, podOf(each).metadata.labels));
      expect(pods.length, metadata.name).toBe(1);
      const [{ ports }] = podOf(pods[0]).spec.containers;
      for (const { port, targetPort } of spec.ports ?? []) {
        const target = ports.find((each: { name: string }) => each.name === targetPort);
        expect(target, `${metadata.name}:${port}`).toBeDefined();
        // So that an address works with the port of the Service and of the pod. The proxy's is the Web's.
        if (metadata.name !== "backtrack-proxy") expect(target.containerPort, metadata.name).toBe(port);
      }
    }
  });

  test("every address in a variable is a Service, with a port that it has", () => {
    const variables = objects
      .filter(({ kind }) => kind === "ConfigMap")
      .flatMap(({ data = {} }) => Object.entries(data));
    const addresses = variables.flatMap(([name, value]) =>
      [...value.matchAll(/\/\/(backtrack-[a-z-]+):(\d+)/g)].map(([, host, port]) => ({ name, host, port })),
    );
    const known = components.includes("external-store") ? new Set(["AWS_ENDPOINT_URL_DYNAMODB"]) : new Set();
    expect(addresses.length).toBeGreaterThan(1);
    for (const { name, host, port } of addresses.filter((each) => !known.has(each.name))) {
      const ports = named("Service", host)?.spec.ports.map((each: { port: number }) => `${each.port}`);
      expect(ports, `${name}: ${host}`).toContain(port);
    }
  });
});

test(
  "the example takes every image from the registry that is named in it, and its settings",
  unless(WITHOUT_KUBECTL),
  () => {
    const objects = manifests.renderExample();
    const images = workloads(objects).map((each): string => podOf(each).spec.containers[0].image);
    const foreign = images.filter((image) => !image.startsWith("ghcr.io/you/"));
    expect(foreign.toSorted()).toEqual([
      expect.stringMatching(/^docker\.io\/library\/caddy:/),
      expect.stringMatching(/^docker\.io\/library\/nats:/),
    ]);
    const own = images.filter((image) => image.startsWith("ghcr.io/you/"));
    const expected = ["backtrack-engine", ...DEPLOYED_GROUPS.map(({ name }) => name)];
    expect(new Set(own)).toEqual(new Set(expected.map((name) => `ghcr.io/you/${name}:0.1.0`)));
    const settings = Object.assign(
      {},
      ...objects.map(({ kind, data }) => (kind === "ConfigMap" ? data : {})),
    );
    expect(settings).toMatchObject({ POSITIONS_PARTITIONS: "4", REPLAYS_AT_ONCE: "100", ACCESS: "keys" });
  },
);

describe("network policy of the plain Deployments", unless(WITHOUT_KUBECTL), () => {
  const NAMESPACE = "backtrack";
  const groups = DEPLOYED_GROUPS.map(({ shortName }) => shortName);
  const podNamed = (objects: readonly KubernetesObject[], name: string): Pod => {
    const workload = workloads(objects).find(({ metadata }) => metadata.name === `backtrack-${name}`);
    if (!workload) throw new Error(`there is no backtrack-${name}`);
    return { namespace: NAMESPACE, labels: podOf(workload).metadata.labels };
  };
  const STRANGERS: Readonly<Record<string, Pod>> = {
    neighbour: { namespace: NAMESPACE, labels: { app: "other" } },
    elsewhere: { namespace: "default", labels: { "app.kubernetes.io/part-of": "backtrack" } },
    prometheus: { namespace: "monitoring", labels: { app: "prometheus" } },
  };

  test("who reaches whom", () => {
    const objects = manifests.render("plain");
    const names = [
      ...groups,
      "engine",
      "inbox",
      "nats",
      "store",
      "proxy",
      "sweep-clock",
      ...Object.keys(STRANGERS),
    ];
    const pod = (name: string) => STRANGERS[name] ?? podNamed(objects, name);
    const callersOf = (name: string, port: number): string[] =>
      names
        .filter((caller) => caller !== name && mayConnect(objects, pod(caller), pod(name), port))
        .toSorted();
    const functionsAndEngines = [...groups, "engine", "inbox"].toSorted();

    expect(callersOf("http", 8080)).toEqual(["proxy"]);
    expect(callersOf("stream", 8080)).toEqual(["engine"]);
    expect(callersOf("tasks", 8080)).toEqual(["engine"]);
    expect(callersOf("play", 8080)).toEqual(["engine"]);
    expect(callersOf("files", 8080)).toEqual(["engine", "inbox"]);
    expect(callersOf("sweep", 8080)).toEqual(["sweep-clock"]);
    expect(callersOf("store", 8000)).toEqual(functionsAndEngines);
    expect(callersOf("nats", 4222)).toEqual(functionsAndEngines);
    expect(callersOf("nats", 8222)).toEqual([]);
    expect(callersOf("engine", 8090)).toEqual(functionsAndEngines.filter((name) => name !== "engine"));
    expect(callersOf("inbox", 8090)).toEqual(groups.toSorted());
    expect(callersOf("engine", 8091)).toEqual(["prometheus"]);
    expect(callersOf("inbox", 8091)).toEqual(["prometheus"]);
    expect(callersOf("proxy", 8080)).toEqual(Object.keys(STRANGERS).toSorted());
    const internet: Pod = { namespace: "outside", labels: {} };
    for (const name of [...groups, "engine", "inbox", "nats", "store", "proxy", "sweep-clock"])
      expect(mayConnect(objects, pod(name), internet, 443), name).toBe(false);
  });

  test("beside OpenFaaS, functions are reached by the gateway alone, and nobody else's functions are touched", () => {
    const objects = manifests.render("openfaas");
    const inFunctions = (labels: Record<string, string>): Pod => ({ namespace: "openfaas-fn", labels });
    const own = inFunctions({ faas_function: "backtrack-play", "app.kubernetes.io/part-of": "backtrack" });
    const other = inFunctions({ faas_function: "cows" });
    const gateway: Pod = { namespace: "openfaas", labels: { app: "gateway" } };
    const engine: Pod = { ...podNamed(objects, "engine"), namespace: "openfaas-fn" };
    const store: Pod = { ...podNamed(objects, "store"), namespace: "openfaas-fn" };
    expect(mayConnect(objects, gateway, own, 8080)).toBe(true);
    expect(mayConnect(objects, engine, gateway, 8080)).toBe(true);
    expect(mayConnect(objects, engine, own, 8080)).toBe(false);
    expect(mayConnect(objects, other, own, 8080)).toBe(false);
    expect(mayConnect(objects, own, store, 8000)).toBe(true);
    expect(mayConnect(objects, other, store, 8000)).toBe(false);
    expect(mayConnect(objects, other, gateway, 8080)).toBe(true);
    expect(mayConnect(objects, gateway, other, 8080)).toBe(true);
  });
});

test(
  "Kubernetes' own schemas accept every object, and no field is unknown to them",
  unless(WITHOUT_KUBECTL),
  async (context) => {
    let programs: string;
    try {
      const cache = join(ROOT, "node_modules/.cache/python");
      programs = await installPythonPackage(cache, "kubernetes-validate==1.37.0", "kubernetes-validate");
    } catch (error) {
      if (!(error instanceof NoPythonPackageError)) throw error;
      context.task.meta.skippedBecause = `kubernetes-validate has the schemas: ${error.message}`;
      return context.skip();
    }
    const validate = (text: string, version: string): string => {
      const file = join(ROOT, "node_modules/.cache", `backtrack-kubernetes-${process.pid}.yaml`);
      writeFileSync(file, text);
      const options = ["--strict", "--quiet", "-k", version, file];
      const { status, stdout, stderr } = spawnSync(join(programs, "kubernetes-validate"), options, {
        encoding: "utf8",
      });
      rmSync(file);
      return status === 0 ? "" : `${stdout}${stderr}` || `ended with ${status}`;
    };
    // Most are in several variants, and it takes its time over each.
    const texts = VARIANTS.flatMap(([overlay, components]) =>
      manifests.renderText(overlay, components).split(/^---\n/m),
    );
    const distinct = [...new Set(texts)].join("---\n");
    for (const version of KUBERNETES_VERSIONS) expect(validate(distinct, version), version).toBe("");
    // The check itself: a field that Kubernetes would ignore.
    const deployment = texts.find((text) => text.includes("terminationGracePeriodSeconds")) ?? "";
    const wrong = deployment.replace("terminationGracePeriodSeconds", "terminationGraceSeconds");
    expect(validate(wrong, KUBERNETES_VERSIONS[0])).toContain("terminationGraceSeconds");
  },
);
