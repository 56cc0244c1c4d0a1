import { type Document, parseAllDocuments, parseDocument } from "yaml";
import { failure } from "../../command/failure.ts";
import { withValues } from "../stack/placeholders.ts";
import { durationSeconds } from "../stack/units.ts";

/** The part of stack.yml that `faas-cli generate --api=serving.knative.dev/v1` leaves out. */
interface StackFunction {
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
  readonly requests: Readonly<Record<string, string>>;
  readonly readonly_root_filesystem: boolean;
}

const PORT = 8080;
const CONTAINER = ["spec", "template", "spec", "containers", 0] as const;
const TMP = { name: "tmp", mountPath: "/tmp" };

/**
 * Puts back into Knative Services, as `faas-cli generate` prints them, what it leaves out of stack.yml:
 * limits and requests, the read-only root with its /tmp, replicas, timeouts, calls at once. Adds what Knative
 * can know besides: readiness, rights that the process doesn't need, and that only the cluster may call it.
 * What is there stays. Raises a CommandFailure for what is no such output, or doesn't fit stack.yml.
 */
export const knativeServices = (
  generated: string,
  stack: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string => {
  const documents = parseAllDocuments(generated) as Document[];
  const [broken] = documents.flatMap(({ errors }) => errors);
  if (broken) throw failure(`standard input: ${broken.message.split("\n")[0]}`);
  const { functions } = parseDocument(withValues(stack, environment)).toJS() as {
    functions: Readonly<Record<string, StackFunction>>;
  };
  const left = new Set(Object.keys(functions));
  for (const document of documents) {
    const kind = `${document.get("apiVersion")} ${document.get("kind")}`;
    if (kind !== "serving.knative.dev/v1 Service") {
      throw failure(
        `standard input must be what faas-cli generate --api=serving.knative.dev/v1 prints (got ${kind})`,
      );
    }
    const name = String(document.getIn(["metadata", "name"]));
    if (!left.delete(name)) {
      throw failure(`standard input: service ${name} is there twice, or not in stack.yml`);
    }
    complete(document, functions[name]);
  }
  if (left.size > 0) throw failure(`standard input lacks the services ${[...left].join(", ")}`);
  return documents.map((document) => `---\n${document.toString({ directives: false })}`).join("");
};

const complete = (document: Document, from: StackFunction): void => {
  const set = (path: readonly (string | number)[], value: unknown): void => {
    document.setIn(path, document.createNode(value));
  };
  const add = (path: readonly (string | number)[], value: unknown): void => {
    if (document.getIn(path) === undefined) set(path, []);
    document.addIn(path, document.createNode(value));
  };
  // The proxy in front is what the Internet reaches.
  set(["metadata", "labels", "networking.knative.dev/visibility"], "cluster-local");
  for (const end of ["min", "max"]) {
    const replicas = from.labels[`com.openfaas.scale.${end}`];
    set(["spec", "template", "metadata", "annotations", `autoscaling.knative.dev/${end}-scale`], replicas);
  }
  set(["spec", "template", "spec", "timeoutSeconds"], durationSeconds(from.environment.write_timeout));
  const { max_inflight } = from.environment;
  if (max_inflight !== undefined) {
    set(["spec", "template", "spec", "containerConcurrency"], Number(max_inflight));
  }
  set([...CONTAINER, "ports"], [{ name: "http1", containerPort: PORT }]);
  set([...CONTAINER, "resources"], { limits: from.limits, requests: from.requests });
  set([...CONTAINER, "readinessProbe"], { httpGet: { path: "/_/ready" }, periodSeconds: 5 });
  set([...CONTAINER, "securityContext"], {
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: from.readonly_root_filesystem,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  });
  if (!from.readonly_root_filesystem) return;
  add([...CONTAINER, "volumeMounts"], TMP);
  add(["spec", "template", "spec", "volumes"], {
    name: TMP.name,
    emptyDir: { medium: "Memory", sizeLimit: "64Mi" },
  });
};
