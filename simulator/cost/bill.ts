/** From what is metered to a bill, line by line. */
import { PRICES_2026_11 } from "./prices-2026-11.ts";
import type { Metered, Usage } from "./usage.ts";

export const PRICES = PRICES_2026_11;

export interface Line {
  readonly service: string;
  readonly what: string;
  readonly metered: Metered;
  readonly quantity: number;
  readonly unit: string;
  readonly usd: number;
}

export interface Bill {
  /** Of the prices. */
  readonly date: string;
  readonly region: string;
  readonly lines: readonly Line[];
  readonly usd: number;
  /** The part of it that stands for a deployment, whatever happens. */
  readonly standingUsd: number;
}

const STANDING: ReadonlySet<Metered> = new Set(["alarms", "dashboards", "metrics", "secrets"]);

/** In the order of the bill. */
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
  ["mails", "SES", "mails"],
  ["logsGb", "CloudWatch", "logs"],
  ["alarms", "CloudWatch", "alarms"],
  ["dashboards", "CloudWatch", "dashboards"],
  ["metrics", "CloudWatch", "custom metrics"],
  ["secrets", "Secrets", "secrets"],
];

export function billOf(usage: Usage): Bill {
  const lines = LINES.map(([metered, service, what]): Line => {
    const { usd, per, unit } = PRICES.prices[metered];
    const quantity = usage[metered];
    return { service, what, metered, quantity, unit, usd: (quantity / per) * usd };
  });
  const { date, region } = PRICES;
  const sum = (of: readonly Line[]) => of.reduce((usd, line) => usd + line.usd, 0);
  const standing = lines.filter(({ metered }) => STANDING.has(metered));
  return { date, region, lines, usd: sum(lines), standingUsd: sum(standing) };
}

/** What CloudWatch's free tier would take off, in an account that has nothing else of it. */
export const freeUsd = (usage: Pick<Usage, keyof typeof PRICES.free>): number =>
  (Object.keys(PRICES.free) as (keyof typeof PRICES.free)[]).reduce(
    (sum, metered) =>
      sum +
      (Math.min(usage[metered], PRICES.free[metered]) * PRICES.prices[metered].usd) /
        PRICES.prices[metered].per,
    0,
  );

/** Two significant digits of what is below ten cents, whole cents above: `$0.0029`, `$12.34`. */
export function dollars(usd: number): string {
  if (usd === 0) return "$0";
  const rounded = Number(usd.toPrecision(2));
  const digits = rounded < 0.1 ? 1 - Math.floor(Math.log10(rounded)) : 2;
  const shown = digits > 2 ? rounded : usd;
  return `$${shown.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
