import type { KubernetesObject } from "./rendered.ts";

/*
 * What Kubernetes' NetworkPolicies allow, decided as its documentation says: a pod that a policy of a
 * direction selects may only do what some policy of that direction allows; a connection needs both sides'
 * leave.
 */

/** One end of a connection. */
export interface Pod {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
    readonly values?: readonly string[];
  }[];
}

interface Peer {
  readonly podSelector?: Selector;
  readonly namespaceSelector?: Selector;
  readonly ipBlock?: object;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly protocol?: string; readonly port: number }[];
}

export const selects = (selector: Selector, labels: Readonly<Record<string, string>>): boolean => {
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
      if (operator === "Exists") return value !== undefined;
      if (operator === "DoesNotExist") return value === undefined;
      const isIn = value !== undefined && values.includes(value);
      return operator === "In" ? isIn : !isIn;
    })
  );
};

const isPeer = (
  { podSelector, namespaceSelector, ipBlock }: Peer,
  pod: Pod,
  policyNamespace: string,
): boolean => {
  if (ipBlock) return false;
  const isInNamespace = namespaceSelector
    ? selects(namespaceSelector, { "kubernetes.io/metadata.name": pod.namespace })
    : pod.namespace === policyNamespace;
  return isInNamespace && selects(podSelector ?? {}, pod.labels);
};

/** Whether `from` may open a TCP connection to a port of `to`. */
export const mayConnect = (
  objects: readonly KubernetesObject[],
  from: Pod,
  to: Pod,
  port: number,
): boolean => {
  const policies = objects.filter(({ kind }) => kind === "NetworkPolicy");
  const allows = (direction: "Ingress" | "Egress", self: Pod, other: Pod): boolean => {
    const selecting = policies.filter(
      ({ metadata, spec }) =>
        metadata.namespace === self.namespace &&
        spec.policyTypes.includes(direction) &&
        selects(spec.podSelector, self.labels),
    );
    if (selecting.length === 0) return true;
    return selecting.some(({ metadata, spec }) =>
      ((direction === "Ingress" ? spec.ingress : spec.egress) ?? []).some((rule: Rule) => {
        const peers = direction === "Ingress" ? rule.from : rule.to;
        const hasPeer = !peers || peers.some((peer) => isPeer(peer, other, metadata.namespace ?? ""));
        const hasPort =
          !rule.ports || rule.ports.some((each) => each.port === port && (each.protocol ?? "TCP") === "TCP");
        return hasPeer && hasPort;
      }),
    );
  };
  return allows("Egress", from, to) && allows("Ingress", to, from);
};
