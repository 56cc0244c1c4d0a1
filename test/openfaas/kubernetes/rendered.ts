import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { makeSecrets } from "../../../infra/openfaas/secrets/secrets.ts";
import { programOnPath } from "../../program.ts";
import { ROOT } from "../../stack-process.ts";

/** Why nothing can be rendered here, for `unless`. */
export const WITHOUT_KUBECTL: string | undefined =
  programOnPath("kubectl") === undefined
    ? "kubectl, whose kustomize renders the manifests, is not on PATH"
    : undefined;

/** What of Kubernetes' objects the tests look at. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  // biome-ignore lint/suspicious/noExplicitAny: each kind has fields of its own, and their schemas are checked elsewhere.
  readonly spec?: any;
  readonly data?: Readonly<Record<string, string>>;
}

/** A copy of the manifests with secrets in it. */
export interface Manifests {
  /** The objects of an overlay; `components` are put on top, from its own folder as users would. */
  render(overlay: string, components?: readonly string[]): readonly KubernetesObject[];
  renderText(overlay: string, components?: readonly string[]): string;
  /** The folder that users copy. */
  renderExample(): readonly KubernetesObject[];
  close(): void;
}

export const copyManifests = (): Manifests => {
  const folder = mkdtempSync(join(tmpdir(), "backtrack-kubernetes-"));
  cpSync(join(ROOT, "infra/openfaas"), folder, { recursive: true });
  makeSecrets(join(folder, "kubernetes/secrets"));
  const kustomize = (path: string): string =>
    execFileSync("kubectl", ["kustomize", path], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const objectsIn = (text: string) =>
    parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject);
  const rendered = new Map<string, string>();

  const renderText = (overlay: string, components: readonly string[] = []): string => {
    const key = [overlay, ...components].join("+");
    const known = rendered.get(key);
    if (known !== undefined) return known;
    const mine = join(folder, "kubernetes", "mine", key);
    mkdirSync(mine, { recursive: true });
    writeFileSync(
      join(mine, "kustomization.yaml"),
      JSON.stringify({
        apiVersion: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        namespace: overlay === "plain" ? "backtrack" : "openfaas-fn",
        resources: [`../../overlays/${overlay}`],
        components: components.map((name) => `../../components/${name}`),
      }),
    );
    const text = kustomize(mine);
    rendered.set(key, text);
    return text;
  };

  return {
    renderText,
    render: (overlay, components) => objectsIn(renderText(overlay, components)),
    renderExample: () => {
      const mine = join(folder, "kubernetes/mine");
      cpSync(join(folder, "kubernetes/example"), mine, { recursive: true });
      return objectsIn(kustomize(mine));
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
};
