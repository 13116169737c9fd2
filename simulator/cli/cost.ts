/** `npm run cost`: what a month of a backend costs, line by line. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_KEY, ConfigError, type Ha2mConfig, parseConfig } from "../../lib/config.ts";
import { NODES_MAX, NODES_MIN } from "../../lib/contract/topics.ts";
import { type Bill, billOf, dollars, freeUsd, PRICES } from "../cost/bill.ts";
import { deploymentsOf, type Month, monthOf, type Standing, usageOf } from "../cost/usage.ts";
import { decimalNumber, parseFlags, refuseWords, UsageError, wholeNumber } from "./arguments.ts";
import { freshAssembly } from "./assembly-cache.ts";
import { callersPath } from "./callers-path.ts";
import { readCdkJson } from "./cdk-json.ts";
import { hanging } from "./hanging.ts";
import { runCommand } from "./run-command.ts";
import type { RunCost } from "./run-meter.ts";
import { paint, type Terminal, terminalOf } from "./terminal.ts";

const COMMAND = "cost";
const CLUSTERS_MAX = 10_000_000;
/** A function's environment holds so many (constructs/environment-size.ts): names of ten letters, one recipient. */
export const CLUSTERS_PER_DEPLOYMENT = 70;

/** `temperature_c` and `readings` of lib/contract/metrics.ts. */
const METRICS_PER_CLUSTER = 2;

const HELP = `The bill of a month at list prices (${PRICES.region}, ${PRICES.date}), free tier not
counted: with readings by way of the broker, and by Basic Ingest, where the
message itself costs nothing.

  npm run cost -- [options]

  --clusters N             default: those of cdk.json
  --nodes K                of each cluster, ${NODES_MIN} to ${NODES_MAX}; only a primary connects, so
                           that standbys cost nothing (default 2)
  --readings-per-day R     of each cluster (default 96, one each 15 minutes)
  --failovers-per-month F  of each cluster (default 1)
  --mails-per-month M      of each cluster (default two a failover: that a node
                           stopped, and that it is back)
  --metrics N              custom metrics of each cluster that come all month
                           (default ${METRICS_PER_CLUSTER}, its temperature and its readings; those
                           of mails and failovers are paid by the hour)
  --basic-ingest           only that column
  --region NAME            ${PRICES.region}, of which the prices are
  --run FILE               beside it, the run that simulate --json printed into
                           FILE
  --json                   one JSON object on stdout
  --help

Recipients, days that readings are kept, and minutes between sweeps are those
of cdk.json; alarms, dashboards and secrets are counted in the synthesized app.
Prices and their sources: simulator/cost. Limits at 10,000 and a million
clusters: docs/scale.md.

Exit code: 0, or 2 when the command line or a file was wrong.
`;

const FLAGS = {
  clusters: { type: "string" },
  nodes: { type: "string" },
  "readings-per-day": { type: "string" },
  "failovers-per-month": { type: "string" },
  "mails-per-month": { type: "string" },
  metrics: { type: "string" },
  "basic-ingest": { type: "boolean" },
  region: { type: "string" },
  run: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(COMMAND, argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords(COMMAND, positionals);
    const config = readConfig();
    const month = readMonth(values, config);
    const run = values.run === undefined ? undefined : readRun(callersPath(COMMAND, values.run));
    const metrics = wholeNumber("--metrics", values.metrics ?? String(METRICS_PER_CLUSTER), 0, 1_000);
    const resources = countResources(
      await freshAssembly(() => process.stderr.write("synthesizing the app, once for these files …\n")),
    );
    const standing = standingOf(month, config, resources, metrics);
    const billed = (basicIngest: boolean) => billOf(usageOf(monthOf({ ...month, basicIngest }), standing));
    const bills = { broker: billed(false), basic_ingest: billed(true) };
    if (values.json === true)
      process.stdout.write(`${JSON.stringify(reportOf(month, bills, run), null, 2)}\n`);
    else
      print(
        terminalOf(process.stdout),
        month,
        columnsOf(bills, values["basic-ingest"] === true, run),
        freeUsd(standing),
      );
    return 0;
  });

function readConfig(): Ha2mConfig {
  const { file, context } = readCdkJson();
  try {
    return parseConfig(context[CONFIG_KEY]);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function readMonth(values: Values, config: Ha2mConfig): Month {
  const { region = PRICES.region } = values;
  if (region !== PRICES.region)
    throw new UsageError(
      `--region: the prices here are those of ${PRICES.region}, not of "${region}"; put that region's into a file like simulator/cost/prices-${PRICES.date}.ts.`,
    );
  const failoversPerMonth = decimalNumber(
    "--failovers-per-month",
    values["failovers-per-month"] ?? "1",
    0,
    100_000,
  );
  const mails = values["mails-per-month"];
  return {
    clusters: wholeNumber("--clusters", values.clusters ?? String(config.clusters.size), 1, CLUSTERS_MAX),
    nodes: wholeNumber("--nodes", values.nodes ?? "2", NODES_MIN, NODES_MAX),
    readingsPerDay: decimalNumber("--readings-per-day", values["readings-per-day"] ?? "96", 0, 86_400),
    failoversPerMonth,
    mailsPerMonth:
      mails === undefined ? 2 * failoversPerMonth : decimalNumber("--mails-per-month", mails, 0, 1_000_000),
    recipients: config.mail.to.length,
    sweepMinutes: config.alerts.sweepMinutes,
    clustersPerDeployment: CLUSTERS_PER_DEPLOYMENT,
    basicIngest: false,
  };
}

/** Of the templates in a folder: how many resources of each type. */
function countResources(assembly: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const file of readdirSync(assembly).filter((name) => name.endsWith(".template.json"))) {
    const template: { readonly Resources?: Readonly<Record<string, { readonly Type: string }>> } = JSON.parse(
      readFileSync(join(assembly, file), "utf8"),
    );
    for (const { Type } of Object.values(template.Resources ?? {}))
      counts.set(Type, (counts.get(Type) ?? 0) + 1);
  }
  return counts;
}

function standingOf(
  month: Month,
  { retention }: Ha2mConfig,
  resources: ReadonlyMap<string, number>,
  metrics: number,
): Standing {
  const deployments = deploymentsOf(month);
  const each = (type: string) => deployments * (resources.get(type) ?? 0);
  return {
    readingsKept: month.clusters * month.readingsPerDay * retention.readingsDays,
    alarms: each("AWS::CloudWatch::Alarm"),
    dashboards: each("AWS::CloudWatch::Dashboard"),
    metrics: month.clusters * metrics,
    secrets: each("AWS::SecretsManager::Secret"),
  };
}

/** What a run cost, from the report that `simulate --json` prints. */
interface Run {
  readonly scenario: string;
  readonly days: number;
  readonly cost: RunCost;
}

function readRun(file: string): Run {
  let report: { scenario?: unknown; simulated_s?: unknown; cost?: RunCost } | null;
  const mistake = () => new UsageError(`${file} is not what npm run -s simulate -- --json prints.`);
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? mistake() : new UsageError(`--run: ${file} cannot be read (${code}).`);
  }
  const { scenario, simulated_s, cost } = report ?? {};
  if (typeof scenario !== "string" || typeof simulated_s !== "number" || !Array.isArray(cost?.lines))
    throw mistake();
  return { scenario, days: simulated_s / 86_400, cost };
}

type Bills = Readonly<Record<"broker" | "basic_ingest", Bill>>;

const reportOf = (month: Month, bills: Bills, run: Run | undefined) => ({
  prices: { date: PRICES.date, region: PRICES.region, free_tier_counted: false },
  month: {
    clusters: month.clusters,
    nodes: month.nodes,
    readings_per_day: month.readingsPerDay,
    failovers_per_month: month.failoversPerMonth,
    mails_per_month: month.mailsPerMonth,
    recipients: month.recipients,
    sweep_minutes: month.sweepMinutes,
    deployments: deploymentsOf(month),
  },
  broker: partsOf(bills.broker),
  basic_ingest: partsOf(bills.basic_ingest),
  ...(run === undefined ? {} : { run: { scenario: run.scenario, days: run.days, ...run.cost } }),
});

const partsOf = ({ lines, usd, standingUsd }: Bill) => ({
  usd,
  standing_usd: standingUsd,
  lines: lines.map(({ service, what, quantity, unit, usd: lineUsd }) => ({
    service,
    what,
    quantity,
    unit,
    usd: lineUsd,
  })),
});

/** A bill, or a run's, under one heading. */
interface Column {
  readonly heading: string;
  readonly usd: number;
  readonly standingUsd: number;
  readonly lines: readonly {
    readonly service: string;
    readonly what: string;
    quantity: number;
    unit: string;
    usd: number;
  }[];
}

function columnsOf(
  { broker, basic_ingest }: Bills,
  basicIngestAlone: boolean,
  run: Run | undefined,
): Column[] {
  return [
    ...(basicIngestAlone ? [] : [{ heading: "broker", ...broker }]),
    { heading: "Basic Ingest", ...basic_ingest },
    ...(run === undefined
      ? []
      : [{ heading: `${run.scenario}, ${Math.round(run.days * 100) / 100} d`, standingUsd: 0, ...run.cost }]),
  ];
}

const SERVICE_WIDTH = 13;
const WHAT_WIDTH = 23;
const QUANTITY_WIDTH = 17;
const USD_WIDTH = 10;

/** Whole from ten on; three significant digits of a little. */
const counted = (quantity: number): string =>
  quantity >= 10
    ? Math.round(quantity).toLocaleString("en-US")
    : quantity.toLocaleString("en-US", { maximumSignificantDigits: 3 });

/** Counts speak for themselves. */
const unitOf = (unit: string): string =>
  unit.startsWith("GB-second") ? " GB s" : unit.startsWith("GB") ? " GB  " : "     ";

/** Lines that cost something in one of the columns; the quantity is that of the first. */
function print(terminal: Terminal, month: Month, columns: readonly Column[], free: number): void {
  const widths = columns.map(({ heading }) => Math.max(USD_WIDTH, heading.length + 2));
  const row = (first: string, cells: readonly string[]) =>
    `${first}${cells.map((cell, i) => cell.padStart(widths[i]!)).join("")}\n`;
  const write = (text: string) => terminal.write(text);
  write(hanging(terminal, "A month of ", monthText(month), "bold"));
  write(`${PRICES.region}, list prices of ${PRICES.date}, free tier and tax not counted\n\n`);
  const margin = SERVICE_WIDTH + WHAT_WIDTH + 2;
  write(
    row(
      `${"quantity".padStart(margin + QUANTITY_WIDTH)}`,
      columns.map(({ heading }) => heading),
    ),
  );
  for (const { service, what, quantity, unit } of columns[0]!.lines) {
    const found = columns.map(({ lines }) =>
      lines.find((line) => line.service === service && line.what === what),
    );
    if (found.every((line) => (line?.usd ?? 0) === 0)) continue;
    const label = `  ${service.padEnd(SERVICE_WIDTH)}${what.padEnd(WHAT_WIDTH)}`;
    const amount = `${counted(quantity)}${unitOf(unit)}`.padStart(QUANTITY_WIDTH);
    write(
      row(
        `${label}${amount}`,
        found.map((line) => dollars(line?.usd ?? 0)),
      ),
    );
  }
  const sum = (label: string, of: (column: Column) => number) =>
    row(
      `  ${label.padEnd(margin - 2 + QUANTITY_WIDTH)}`,
      columns.map((column) => dollars(of(column))),
    );
  if (columns.some(({ standingUsd }) => standingUsd > 0)) {
    write(sum("what happens", ({ usd, standingUsd }) => usd - standingUsd));
    write(sum("what stands, whatever happens", ({ standingUsd }) => standingUsd));
  }
  write(`${paint(terminal, "bold", sum("total", ({ usd }) => usd).trimEnd())}\n`);
  write("\n");
  for (const note of notesOf(month, free)) write(hanging(terminal, "", note));
}

const plural = (count: number, what: string): string =>
  `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;

const monthText = (month: Month): string =>
  `${plural(month.clusters, "cluster")} of ${month.nodes} nodes: each ${plural(month.readingsPerDay, "reading")} a day, ${plural(month.failoversPerMonth, "failover")}, ${plural(month.mailsPerMonth, "mail")} to ${plural(month.recipients, "recipient")}`;

function notesOf(month: Month, free: number): string[] {
  const deployments = deploymentsOf(month);
  return [
    ...(free === 0
      ? []
      : [
          `CloudWatch's free tier, 10 alarms, 10 metrics and 3 dashboards an account, would take off ${dollars(free)}.`,
        ]),
    "A CONNECT is a message, too, and a primary connects at every wake: Basic Ingest saves the reading, not that.",
    "Quantities are those of the first column; storage is what it comes to once readings are as old as they are kept.",
    ...(deployments > 1
      ? [
          `${plural(deployments, "deployment")}: one holds about ${month.clustersPerDeployment} clusters. See docs/scale.md for what to change.`,
        ]
      : []),
  ];
}
