import * as Type from "typebox";
import { quantity } from "./units.ts";

/*
 * The part of stack.yml that this project uses, as strict as its readers ought to be. faas-cli reads YAML
 * into Go's types and says nothing about keys that it doesn't know, fields that are missing, or text that
 * Kubernetes refuses later.
 */

/** Community Edition's limits. */
export const MAXIMUM_FUNCTIONS = 15;
export const MAXIMUM_REPLICAS = 5;

/** DNS-1123 label: what Kubernetes takes as the name of a Service or a Secret. */
export const DNS_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

const ruled = (pattern: string, rule: string) => Type.String({ pattern, "x-rule": rule });

const NAME_RULE =
  "must be a DNS-1123 label: a to z, 0 to 9 and -, at most 63 characters, as in backtrack-play";
export const nameProblem = (name: string): string | undefined =>
  DNS_LABEL.test(name) ? undefined : NAME_RULE;

/** A registry, a path in lower case, and a tag that says which version it is. */
const IMAGE = ruled(
  "^[a-z0-9]+([.-][a-z0-9]+)*(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*:(?!latest$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$",
  "must be an image with a tag other than latest, in lower case, as in ghcr.io/you/backtrack:0.1.0",
);

const RESOURCES = Type.Object(
  {
    memory: ruled(
      "^[1-9][0-9]{0,8}(Mi|Gi)$",
      "must be a Kubernetes quantity of memory in Mi or Gi, as in 256Mi",
    ),
    cpu: ruled(
      "^([1-9][0-9]{0,5}m|[1-9][0-9]{0,3})$",
      "must be a Kubernetes quantity of CPU, as in 500m or 2",
    ),
  },
  { additionalProperties: false },
);

const DURATION = ruled(
  "^([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,7}s)?$",
  "must be a duration such as 90s or 15m10s",
);

export const TIMEOUTS = Type.Object({
  exec_timeout: DURATION,
  read_timeout: DURATION,
  write_timeout: DURATION,
});

const REPLICAS = ruled(
  `^[1-${MAXIMUM_REPLICAS}]$`,
  `must be "1" to "${MAXIMUM_REPLICAS}", in quotes: more replicas than ${MAXIMUM_REPLICAS} are not in Community Edition`,
);

export const LABELS = Type.Object(
  {
    "com.openfaas.scale.min": REPLICAS,
    "com.openfaas.scale.max": REPLICAS,
    "app.kubernetes.io/part-of": ruled("^backtrack$", 'must be "backtrack"'),
  },
  { additionalProperties: false },
);

/** What only a function that is started by the clock has. */
export const CRON_ANNOTATIONS = Type.Object(
  {
    topic: ruled("^cron-function$", 'must be "cron-function": the only topic in use, and no list of topics'),
    schedule: ruled(
      "^[0-9*,/-]+( [0-9*,/-]+){4}$",
      "must be five fields, minute to day of the week, as in */10 * * * *",
    ),
  },
  { additionalProperties: false },
);

export const NO_ANNOTATIONS = Type.Object({}, { additionalProperties: false });

export const FUNCTION = Type.Object(
  {
    lang: ruled("^backtrack-node$", 'must be "backtrack-node", the folder in ./template'),
    handler: ruled(
      "^\\./dist/openfaas/[a-z0-9-]+$",
      "must be a folder in ./dist/openfaas, where bundles are put",
    ),
    image: IMAGE,
    build_args: Type.Optional(
      Type.Object({ SERVER: Type.Enum(["node", "of-watchdog"]) }, { additionalProperties: false }),
    ),
    environment: Type.Object({}, { "x-rule": "must be a map of names to texts" }),
    secrets: Type.Array(ruled(DNS_LABEL.source, NAME_RULE), { minItems: 1, uniqueItems: true, maxItems: 20 }),
    labels: Type.Object({}),
    annotations: Type.Optional(Type.Object({})),
    limits: RESOURCES,
    requests: RESOURCES,
    readonly_root_filesystem: Type.Literal(true),
  },
  { additionalProperties: false },
);

export const STACK = Type.Object(
  {
    version: ruled("^1\\.0$", 'must be "1.0", in quotes'),
    provider: Type.Object(
      {
        name: ruled("^openfaas$", 'must be "openfaas"'),
        gateway: ruled(
          "^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?$",
          "must be the gateway's http: or https: address, without a path",
        ),
      },
      { additionalProperties: false },
    ),
    functions: Type.Object(
      {},
      {
        minProperties: 1,
        maxProperties: MAXIMUM_FUNCTIONS,
        "x-rule": `must be 1 to ${MAXIMUM_FUNCTIONS} functions, which is what Community Edition runs`,
      },
    ),
  },
  { additionalProperties: false },
);

/**
 * Whether a request is no more than its limit. Also true for what is no quantity, which is another problem.
 */
export const fits = (request: string, limit: string): boolean =>
  (quantity(request) ?? 0) <= (quantity(limit) ?? Infinity);
