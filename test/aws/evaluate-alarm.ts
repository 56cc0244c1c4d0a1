/*
 * Evaluates a template's CloudWatch alarm on given figures, minute by minute: statistics over periods,
 * expressions, missing data, and M bad periods out of N. It knows what our alarms use, and raises an Error
 * for anything else.
 */

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** One per minute from the first; undefined where there is no data. */
export type Series = readonly (number | undefined)[];

export interface MetricId {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export type Figures = (metric: MetricId) => Series | undefined;

/** An alarm's properties, resolved. */
// biome-ignore lint/suspicious/noExplicitAny: CloudFormation's own shape.
export type AlarmProperties = any;

interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

const metricIdOf = ({ Namespace, MetricName, Dimensions = [] }: AlarmProperties): MetricId => ({
  namespace: Namespace,
  name: MetricName,
  dimensions: Object.fromEntries((Dimensions as Dimension[]).map(({ Name, Value }) => [Name, Value])),
});

/** Every metric that an alarm watches. */
export const metricsOf = (alarm: AlarmProperties): MetricId[] =>
  alarm.Metrics
    ? alarm.Metrics.filter(({ MetricStat }: AlarmProperties) => MetricStat).map(
        ({ MetricStat }: AlarmProperties) => metricIdOf(MetricStat.Metric),
      )
    : [metricIdOf(alarm)];

/** The state after each minute at which a period ends. */
export const statesOf = (alarm: AlarmProperties, figures: Figures, minutes: number): AlarmState[] => {
  const { periodMinutes, values } = valuesOf(alarm, figures, minutes);
  let state: AlarmState = "INSUFFICIENT_DATA";
  return values
    .map((_, index) => {
      state = nextState(alarm, values.slice(0, index + 1), state);
      return state;
    })
    .flatMap((each) => Array<AlarmState>(periodMinutes).fill(each));
};

const nextState = (alarm: AlarmProperties, values: Series, before: AlarmState): AlarmState => {
  const {
    EvaluationPeriods: periods,
    DatapointsToAlarm: needed = periods,
    TreatMissingData: missing,
  } = alarm;
  // Before the first figure there was no data either.
  const last = [
    ...Array<undefined>(Math.max(0, periods - values.length)).fill(undefined),
    ...values.slice(-periods),
  ];
  const isBad = (value: number): boolean => {
    if (alarm.ComparisonOperator === "GreaterThanOrEqualToThreshold") return value >= alarm.Threshold;
    if (alarm.ComparisonOperator === "LessThanOrEqualToThreshold") return value <= alarm.Threshold;
    throw new Error(`no rule for ${alarm.ComparisonOperator}`);
  };
  const present = last.filter((value) => value !== undefined);
  if (missing === "ignore") {
    if (present.length === 0) return before;
    return present.filter(isBad).length >= Math.min(needed, present.length) && present.length >= needed
      ? "ALARM"
      : "OK";
  }
  if (missing !== "breaching" && missing !== "notBreaching") throw new Error(`no rule for ${missing}`);
  const bad = present.filter(isBad).length + (missing === "breaching" ? last.length - present.length : 0);
  return bad >= needed ? "ALARM" : "OK";
};

interface Values {
  readonly periodMinutes: number;
  readonly values: Series;
}

const valuesOf = (alarm: AlarmProperties, figures: Figures, minutes: number): Values => {
  if (!alarm.Metrics) return statisticOf(alarm, alarm.Statistic, alarm.Period, figures, minutes);
  const named = new Map<string, Values>();
  let returned: string | undefined;
  for (const { Id, MetricStat, ReturnData = true } of alarm.Metrics) {
    if (ReturnData) returned = Id;
    if (MetricStat) {
      named.set(Id, statisticOf(MetricStat.Metric, MetricStat.Stat, MetricStat.Period, figures, minutes));
    }
  }
  const { Expression, Period } = alarm.Metrics.find(({ Id }: AlarmProperties) => Id === returned);
  const periods = new Set([...named.values()].map(({ periodMinutes }) => periodMinutes));
  if (periods.size !== 1) throw new Error(`${alarm.AlarmName} mixes periods`);
  const [periodMinutes = 0] = periods;
  if (Period !== undefined && Period !== periodMinutes * 60)
    throw new Error("the expression has another period");
  const evaluate = parseExpression(Expression);
  const values = Array.from({ length: Math.floor(minutes / periodMinutes) }, (_, index) =>
    evaluate((id) => {
      const known = named.get(id);
      if (!known) throw new Error(`${Expression}: there is no metric ${id}`);
      return known.values[index];
    }),
  );
  return { periodMinutes, values };
};

const statisticOf = (
  metric: AlarmProperties,
  statistic: string,
  periodSeconds: number,
  figures: Figures,
  minutes: number,
): Values => {
  const periodMinutes = periodSeconds / 60;
  const series = figures(metricIdOf(metric)) ?? [];
  const values = Array.from({ length: Math.floor(minutes / periodMinutes) }, (_, index) => {
    const present = series
      .slice(index * periodMinutes, (index + 1) * periodMinutes)
      .filter((value) => value !== undefined);
    if (present.length === 0) return undefined;
    if (statistic === "Sum") return present.reduce((sum, value) => sum + value, 0);
    if (statistic === "Maximum") return Math.max(...present);
    throw new Error(`no rule for the statistic ${statistic}`);
  });
  return { periodMinutes, values };
};

type Lookup = (id: string) => number | undefined;
type Expression = (lookup: Lookup) => number | undefined;

/** Loosest first. */
const OPERATORS: readonly Readonly<Record<string, (left: number, right: number) => number>>[] = [
  { AND: (left, right) => Number(left !== 0 && right !== 0) },
  { "==": (left, right) => Number(left === right), ">": (left, right) => Number(left > right) },
  { "+": (left, right) => left + right },
];

/**
 * Sums, comparisons, AND, FILL and IF from CloudWatch's metric math. An expression without one of its figures
 * has no value, except FILL.
 */
export const parseExpression = (text: string): Expression => {
  const tokens = text.match(/[A-Za-z]\w*|\d+(\.\d+)?|==|[(),+>]|\S/g) ?? [];
  let next = 0;
  const take = (token: string): void => {
    if (tokens[next] !== token) throw new Error(`${text}: ${token} is missing before ${tokens[next]}`);
    next++;
  };
  const call = (name: string): Expression => {
    const parameters: Expression[] = [];
    do {
      next++;
      parameters.push(parse(0));
    } while (tokens[next] === ",");
    take(")");
    const [first, second, third] = parameters;
    if (name === "FILL" && first && second) return (lookup) => first(lookup) ?? second(lookup);
    if (name === "IF" && first && second && third) {
      return (lookup) => {
        const condition = first(lookup);
        if (condition === undefined) return undefined;
        return condition === 0 ? third(lookup) : second(lookup);
      };
    }
    throw new Error(`${text}: no rule for ${name}`);
  };
  const operand = (): Expression => {
    const token = tokens[next++] ?? "";
    if (/^\d/.test(token)) return () => Number(token);
    if (!/^[A-Za-z]/.test(token)) throw new Error(`${text}: no rule for ${token}`);
    return tokens[next] === "(" ? call(token) : (lookup) => lookup(token);
  };
  const parse = (level: number): Expression => {
    const operators = OPERATORS[level];
    if (!operators) return operand();
    let left = parse(level + 1);
    for (let apply = operators[tokens[next] ?? ""]; apply; apply = operators[tokens[next] ?? ""]) {
      next++;
      const [before, right, operation] = [left, parse(level + 1), apply];
      left = (lookup) => {
        const [a, b] = [before(lookup), right(lookup)];
        return a === undefined || b === undefined ? undefined : operation(a, b);
      };
    }
    return left;
  };
  const expression = parse(0);
  if (next < tokens.length) throw new Error(`${text}: no rule for ${tokens[next]}`);
  return expression;
};
