/** Makes a bill from metered quantities, line by line. */
import { PRICES_2026_11, type Price } from "./prices-2026-11.ts";
import type { Metered, Usage } from "./usage.ts";

/** The prices of all bills. */
export const PRICES = PRICES_2026_11;

/** One line of a bill: a month's quantity of one metered thing, its list price, and the free part of that. */
export interface Line {
  readonly service: string;
  readonly what: string;
  readonly metered: Metered;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
  /** The part of `usd` that is free, in an account without any other use of it. */
  readonly freeUsd: number;
}

/** A month's bill, without taxes. */
export interface Bill {
  /** Date of the prices. */
  readonly date: string;
  readonly region: string;
  readonly lines: readonly Line[];
  readonly usd: number;
  /** The part of `usd` that a deployment costs without any traffic. */
  readonly standingUsd: number;
  /** The free part of `usd`; `standingFreeUsd` is that of `standingUsd`. */
  readonly freeUsd: number;
  readonly standingFreeUsd: number;
}

const STANDING: ReadonlySet<Metered> = new Set(["alarms", "dashboards", "metrics", "secrets"]);

/** The lines of a bill, in order. */
const LINES: readonly (readonly [Metered, service: string, what: string])[] = [
  ["connectionMinutes", "IoT Core", "connected"],
  ["messages", "IoT Core", "messages"],
  ["rulesTriggered", "IoT Core", "rules triggered"],
  ["actions", "IoT Core", "actions"],
  ["writeUnits", "DynamoDB", "writes"],
  ["readUnits", "DynamoDB", "reads"],
  ["storageGb", "DynamoDB", "storage"],
  ["recoveryGb", "DynamoDB", "point-in-time recovery"],
  ["lambdaRequests", "Lambda", "invocations"],
  ["lambdaGbS", "Lambda", "time"],
  ["schedulerInvocations", "EventBridge", "schedule"],
  ["busEvents", "EventBridge", "events"],
  ["queueRequests", "SQS", "requests"],
  ["notices", "SNS", "notices"],
  ["noticeMails", "SNS", "mails of notices"],
  ["mails", "SES", "mails"],
  ["logsGb", "CloudWatch", "logs"],
  ["alarms", "CloudWatch", "alarms"],
  ["dashboards", "CloudWatch", "dashboards"],
  ["metrics", "CloudWatch", "custom metrics"],
  ["secrets", "Secrets", "secrets"],
];

/** The bill of a month's use. */
export function billOf(usage: Usage): Bill {
  const lines = LINES.map(([metered, service, what]): Line => {
    const price: Price = PRICES.prices[metered];
    const quantity = usage[metered];
    const free = Math.min(quantity, freeOf(metered));
    const usd = costOf(price, quantity);
    return { service, what, metered, quantity, unit: price.unit, usd, freeUsd: costOf(price, free) };
  });
  const { date, region } = PRICES;
  const standing = lines.filter(({ metered }) => STANDING.has(metered));
  return {
    date,
    region,
    lines,
    usd: sum(lines, "usd"),
    standingUsd: sum(standing, "usd"),
    freeUsd: sum(lines, "freeUsd"),
    standingFreeUsd: sum(standing, "freeUsd"),
  };
}

const sum = (lines: readonly Line[], what: "usd" | "freeUsd"): number =>
  lines.reduce((all, line) => all + line[what], 0);

const freeOf = (metered: Metered): number => {
  const free: Readonly<Partial<Record<Metered, number>>> = PRICES.free;
  return free[metered] ?? 0;
};

/** The price in USD: the part of the quantity in each tier at that tier's price. */
function costOf({ usd, per, tiers = [] }: Price, quantity: number): number {
  const steps = [{ from: 0, usd }, ...tiers];
  return steps.reduce((all, step, i) => {
    const until = Math.min(quantity, steps[i + 1]?.from ?? Number.POSITIVE_INFINITY);
    return all + (Math.max(0, until - step.from) / per) * step.usd;
  }, 0);
}

/** An amount as text: two significant digits below ten cents, whole cents above: `$0.0029`, `$12.34`. */
export function dollars(usd: number): string {
  if (usd === 0) return "$0";
  const rounded = Number(usd.toPrecision(2));
  const digits = rounded < 0.1 ? 1 - Math.floor(Math.log10(rounded)) : 2;
  const shown = digits > 2 ? rounded : usd;
  return `$${shown.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
