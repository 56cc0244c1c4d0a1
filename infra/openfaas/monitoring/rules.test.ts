import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { EngineMetrics } from "../../engine/metrics.ts";
import { ROLES } from "../../engine/settings.ts";
import { watchWork } from "../../engine/watch-work.ts";

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const { groups } = parse(readFileSync(join(import.meta.dirname, "rules.yaml"), "utf8")) as {
  groups: { name: string; rules: Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** The metrics that an expression reads, each with the labels that it matches or groups by. */
const metricsIn = (expression: string): { readonly name: string; readonly labels: readonly string[] }[] => {
  const found: { name: string; labels: string[] }[] = [];
  const grouped: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ name, type, from, to, node }) => {
      const text = expression.slice(from, to);
      if (type.isError) throw new SyntaxError(`${expression}: not PromQL at ${from}: ${text}`);
      if (name === "Identifier" && node.parent?.name === "VectorSelector")
        found.push({ name: text, labels: [] });
      if (name === "LabelName") {
        if (node.parent?.name === "GroupingLabels") grouped.push(text);
        else found.at(-1)?.labels.push(text);
      }
    },
  });
  return found.map(({ name, labels }) => ({ name, labels: [...labels, ...grouped] }));
};

/** What an engine with every role offers, and by which labels. */
const offered = (): ReadonlyMap<string, readonly string[]> => {
  const metrics = new EngineMetrics();
  const names = new Map<string, readonly string[]>();
  metrics.standings(Object.fromEntries(ROLES.map((role) => [role, () => "active" as const])), []);
  watchWork({ metrics, positions: { reader: () => undefined } as never, readings: [], say: () => {} });
  for (const { name } of metrics.registry.getMetricsAsArray()) {
    const { labelNames = [] } = metrics.registry.getSingleMetric(name) as unknown as {
      labelNames?: string[];
    };
    names.set(name, labelNames);
  }
  return names;
};

/** It adds these itself. */
const OF_PROMETHEUS: readonly string[] = ["job", "instance"];

test("every expression is PromQL, over metrics and labels that an engine offers", () => {
  const known = offered();
  const read = rules.flatMap(({ expr }) => metricsIn(expr));
  expect(read.length).toBeGreaterThanOrEqual(rules.length);
  for (const { name, labels } of read) {
    expect([...known.keys()]).toContain(name);
    expect(
      labels.filter((label) => !known.get(name)?.includes(label) && !OF_PROMETHEUS.includes(label)),
      name,
    ).toEqual([]);
  }
});

test("what an alert sees increase is there, at 0, before it happens for the first time", async () => {
  const metrics = new EngineMetrics();
  metrics.countingExecutions({} as never);
  metrics.standings({}, [{ functionName: "track-devices" } as never]);
  const counted = rules.flatMap(({ expr }) => [...expr.matchAll(/increase\((\w+)/g)].map(([, name]) => name));
  expect(counted.length).toBeGreaterThan(1);
  for (const name of counted) {
    const { values = [] } = (await metrics.registry.getSingleMetric(name)?.get()) ?? {};
    expect(values.length, name).toBeGreaterThan(1);
    expect(values.every(({ value }) => value === 0)).toBe(true);
  }
});

test("no alert that the engines are gone is silenced by an inbox that goes on", () => {
  const ofAll = rules.filter(({ expr }) => metricsIn(expr).some(({ name }) => name === "up"));
  expect(ofAll).toEqual([]);
});

test("engines are found under the name that the rules ask for, by the name of their port", () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");
  const { rule_files, scrape_configs } = parse(read("prometheus.yaml"));
  expect(rule_files).toEqual(["rules.yaml"]);
  const [{ job_name, relabel_configs }] = scrape_configs;
  expect(rules.map(({ expr }) => expr).join()).toContain(`job="${job_name}"`);
  const [, port] = relabel_configs[0].regex.split(";");
  expect(read("../kubernetes/core/engine.yaml")).toContain(`name: ${port}, containerPort: 8091`);
  expect(read("../kubernetes/core/inbox.yaml")).toContain(`name: ${port}, containerPort: 8091`);
});

test("the check itself: what is not PromQL is refused, and a wrong name or label is seen", () => {
  expect(() => metricsIn("sum by (x (rate(a[5m]))")).toThrow(SyntaxError);
  expect(metricsIn('sum by (x) (rate(backtrack_nothing{y="z"}[5m])) > 1')).toEqual([
    { name: "backtrack_nothing", labels: ["y", "x"] },
  ]);
});

test("every rule says how bad it is, for how long, and what it means, in Prometheus' fields alone", () => {
  expect(rules.length).toBeGreaterThan(5);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const rule of rules) {
    const fields = Object.keys(rule).filter(
      (field) => !["alert", "expr", "for", "labels", "annotations"].includes(field),
    );
    expect(fields, rule.alert).toEqual([]);
    expect(rule.for ?? "1m").toMatch(/^\d+[smhd]$/);
    expect(rule.labels.severity).toMatch(/^(warning|critical)$/);
    expect(Object.keys(rule.annotations).toSorted()).toEqual(["description", "summary"]);
  }
});
