/** The bill as a table: what `npm run cost` prints. */
import { type Bill, dollars, PRICES } from "../../cost/bill.ts";
import { deploymentsOf, type Month } from "../../cost/usage.ts";
import { hanging } from "../shared/hanging-indent.ts";
import { paint, type Terminal } from "../shared/terminal.ts";

/** A bill, or a run's, under one heading. */
export interface Column extends Pick<Bill, "usd" | "standingUsd"> {
  readonly heading: string;
  /** Undefined: what is free is by the month, and this is none. */
  readonly free?: Pick<Bill, "freeUsd" | "standingFreeUsd">;
  readonly lines: readonly {
    readonly service: string;
    readonly what: string;
    readonly quantity: number;
    readonly unit: string;
    readonly usd: number;
  }[];
}

const SERVICE_WIDTH = 13;
const WHAT_WIDTH = 23;
const QUANTITY_WIDTH = 17;
const USD_WIDTH = 10;
/** Before the quantity. */
const MARGIN = SERVICE_WIDTH + WHAT_WIDTH + 2;

/** Whole from ten on; three significant digits of a little. */
const counted = (quantity: number): string =>
  quantity >= 10
    ? Math.round(quantity).toLocaleString("en-US")
    : quantity.toLocaleString("en-US", { maximumSignificantDigits: 3 });

/** Counts speak for themselves. */
const unitOf = (unit: string): string =>
  unit.startsWith("GB-second") ? " GB s" : unit.startsWith("GB") ? " GB  " : "     ";

/** Lines that cost something in one of the columns; the quantity is that of the first. */
export function printCost(terminal: Terminal, month: Month, columns: readonly Column[]): void {
  const widths = columns.map(({ heading }) => Math.max(USD_WIDTH, heading.length + 2));
  const row = (first: string, cells: readonly string[]) =>
    `${first}${cells.map((cell, i) => cell.padStart(widths[i]!)).join("")}\n`;
  const write = (text: string) => terminal.write(text);
  write(hanging(terminal, "A month of ", monthText(month), "bold"));
  write(`${PRICES.region}, list prices of ${PRICES.date}, without tax\n\n`);
  const headings = columns.map(({ heading }) => heading);
  write(row("quantity".padStart(MARGIN + QUANTITY_WIDTH), headings));
  for (const { service, what, quantity, unit } of columns[0]!.lines) {
    const found = columns.map(({ lines }) =>
      lines.find((line) => line.service === service && line.what === what),
    );
    if (found.every((line) => (line?.usd ?? 0) === 0)) continue;
    const label = `  ${service.padEnd(SERVICE_WIDTH)}${what.padEnd(WHAT_WIDTH)}`;
    const amount = `${counted(quantity)}${unitOf(unit)}`.padStart(QUANTITY_WIDTH);
    const cells = found.map((line) => dollars(line?.usd ?? 0));
    write(row(`${label}${amount}`, cells));
  }
  for (const line of sumsOf(terminal, columns, row)) write(line);
  write("\n");
  for (const note of notesOf(month, columns[0]!)) write(hanging(terminal, "", note));
}

function sumsOf(
  terminal: Terminal,
  columns: readonly Column[],
  row: (first: string, cells: readonly string[]) => string,
): string[] {
  const sum = (label: string, of: (column: Column) => number | undefined) =>
    row(
      `  ${label.padEnd(MARGIN - 2 + QUANTITY_WIDTH)}`,
      columns.map((column) => {
        const usd = of(column);
        return usd === undefined ? "–" : dollars(usd);
      }),
    );
  const bold = (line: string) => `${paint(terminal, "bold", line.trimEnd())}\n`;
  return [
    sum("usage", ({ usd, standingUsd }) => usd - standingUsd),
    sum("fixed charges", ({ standingUsd }) => standingUsd),
    bold(sum("total", ({ usd }) => usd)),
    sum("always free in each account", ({ free }) => free?.freeUsd),
    bold(sum("left to pay", ({ usd, free }) => (free === undefined ? undefined : usd - free.freeUsd))),
  ];
}

const plural = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;

const monthText = (month: Month): string =>
  `${plural(month.clusters, "cluster")} of ${month.nodes} nodes: each ${plural(month.readingsPerDay, "reading")} a day, ${plural(month.failoversPerMonth, "failover")}, ${plural(month.mailsPerMonth, "mail")} to ${plural(month.recipients, "recipient")}`;

function notesOf(month: Month, { standingUsd, free }: Column): string[] {
  const deployments = deploymentsOf(month);
  const left = standingUsd - (free?.standingFreeUsd ?? 0);
  return [
    `Fixed charges: ${dollars(left)} with the free tier, ${dollars(standingUsd)} at list prices. Always free in each account, if nothing else in it uses them: ${freeText()}.`,
    "A CONNECT is a message too, and a primary connects at every wake: Basic Ingest saves only the message of the reading.",
    "Quantities are those of the first column; storage is that after a full retention period.",
    ...(deployments > 1
      ? [
          `${plural(deployments, "deployment")}: one holds about ${month.clustersPerDeployment} clusters. See docs/scale.md for what to change.`,
        ]
      : []),
  ];
}

/** What a home comes near to; the rest is in the prices. */
const freeText = (): string => {
  const { alarms, metrics, dashboards, logsGb, storageGb, lambdaRequests } = PRICES.free;
  return `${alarms} alarms, ${metrics} metrics, ${dashboards} dashboards, ${logsGb} GB of logs, ${storageGb} GB in DynamoDB, ${lambdaRequests / 1_000_000} million invocations`;
};
