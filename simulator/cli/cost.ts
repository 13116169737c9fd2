/** `npm run cost`: what a month of a backend costs, line by line. */
import { readFileSync } from "node:fs";
import { CONFIG_KEY, ConfigError, type Ha2mConfig, parseConfig } from "../../lib/config.ts";
import { type METRICS, WATCHES, type WatchLevel } from "../../lib/contract/metrics.ts";
import { NODES_MAX, NODES_MIN } from "../../lib/contract/topics.ts";
import { type Bill, billOf, PRICES } from "../cost/bill.ts";
import { deploymentsOf, type Month, monthOf, type Standing, usageOf } from "../cost/usage.ts";
import { PERIOD_S } from "../protocol/timing.ts";
import { type Column, printCost } from "./cost/cost-table.ts";
import { type StandingResources, standingResources } from "./cost/standing-resources.ts";
import { decimalNumber, parseFlags, refuseWords, UsageError, wholeNumber } from "./shared/arguments.ts";
import { freshAssembly } from "./shared/assembly-cache.ts";
import { callersPath } from "./shared/callers-path.ts";
import { readCdkJson } from "./shared/cdk-json.ts";
import { runCommand } from "./shared/run-command.ts";
import { terminalOf } from "./shared/terminal.ts";
import type { RunCost } from "./shared/usage-meter.ts";

const COMMAND = "cost";
const CLUSTERS_MAX = 10_000_000;
const DAY_S = 86_400;
/** Readings of a cluster in a day where each sleep is the default one: 96. */
const READINGS_PER_DAY = DAY_S / PERIOD_S;
/** A function's environment holds so many (constructs/environment-size.ts): names of ten letters, one recipient. */
export const CLUSTERS_PER_DEPLOYMENT = 70;

/** Of lib/contract/metrics.ts, those that come all month: `temperature_c` and `readings`; essential, none of a cluster. */
const METRICS_PER_CLUSTER: Readonly<Record<WatchLevel, number>> = { essential: 0, full: 2 };
/** Of a deployment: the total that an alarm reads. */
const TOTALS = ["readings"] as const satisfies readonly (keyof typeof METRICS)[];

const HELP = `Prints the bill of a month at list prices (${PRICES.region}, ${PRICES.date}), and how much
of it AWS always gives for free. One column is for readings through the broker,
one for Basic Ingest, which saves the price of the readings' messages.

  npm run cost -- [options]

  --clusters N             number of clusters (default: those of cdk.json)
  --nodes K                nodes of each, ${NODES_MIN} to ${NODES_MAX} (default 2). Only primaries
                           connect: standbys cost nothing
  --readings-per-day R     of each cluster (default ${READINGS_PER_DAY}, one every ${PERIOD_S / 60} minutes)
  --failovers-per-month F  of each cluster (default 1)
  --mails-per-month M      of each cluster (default two a failover: a node
                           stopped, and it is back)
  --watch LEVEL            essential or full: which alarms and dashboard are
                           deployed (default: that of cdk.json)
  --metrics N              custom metrics of each cluster that are written all
                           month (default ${METRICS_PER_CLUSTER.essential}; with full ${METRICS_PER_CLUSTER.full}: temperature and
                           number of readings). Metrics of mails and failovers
                           are charged by the hour
  --basic-ingest           only that column
  --region NAME            ${PRICES.region}: there are prices for no other
  --run FILE               adds the run of which FILE has the output of
                           simulate --json
  --json                   prints one JSON object on stdout
  --help

cdk.json gives the recipients, the days that readings are kept, and the minutes
between sweeps. Alarms, dashboards and secrets are counted in the synthesized
app. One alarm a month, and its end, are included. SMS is not: its price
depends on the country. Prices and their sources: simulator/cost. Limits at
10,000 and a million clusters: docs/scale.md.

Exit code: 0, or 2 when the command line or a file was wrong.
`;

const FLAGS = {
  clusters: { type: "string" },
  nodes: { type: "string" },
  "readings-per-day": { type: "string" },
  "failovers-per-month": { type: "string" },
  "mails-per-month": { type: "string" },
  metrics: { type: "string" },
  watch: { type: "string" },
  "basic-ingest": { type: "boolean" },
  region: { type: "string" },
  run: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];

/** `npm run cost`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(COMMAND, argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords(COMMAND, positionals);
    const { config, context } = readConfig(values.watch);
    const perCluster = wholeNumber(
      "--metrics",
      values.metrics ?? String(METRICS_PER_CLUSTER[config.watch]),
      0,
      1_000,
    );
    const run = values.run === undefined ? undefined : readRun(callersPath(COMMAND, values.run));
    // Before the synthesis, which takes a while: a wrong value is told at once.
    readMonth(values, config, NOTHING_DEPLOYED);
    const resources = standingResources(
      await freshAssembly(
        () => process.stderr.write("synthesizing the app, once for these files …\n"),
        context,
      ),
    );
    const month = readMonth(values, config, resources);
    const standing = standingOf(month, config, resources, perCluster);
    const billed = (basicIngest: boolean) => billOf(usageOf(monthOf({ ...month, basicIngest }), standing));
    const bills = { broker: billed(false), basic_ingest: billed(true) };
    if (values.json === true)
      process.stdout.write(`${JSON.stringify(reportOf(month, bills, run), null, 2)}\n`);
    else printCost(terminalOf(process.stdout), month, columnsOf(bills, values["basic-ingest"] === true, run));
    return 0;
  });

const NOTHING_DEPLOYED: StandingResources = {
  alarmMetrics: 0,
  dashboards: 0,
  secrets: 0,
  queues: 0,
  buses: 0,
};

/** With what of it the app is synthesized; undefined: as it is. */
function readConfig(watch: string | undefined): {
  readonly config: Ha2mConfig;
  readonly context?: Record<string, unknown>;
} {
  const { file, context } = readCdkJson();
  const written = context[CONFIG_KEY];
  if (watch !== undefined && !WATCHES.some((level) => level === watch))
    throw new UsageError(`--watch takes ${WATCHES.join(" or ")}, not "${watch}".`);
  try {
    if (watch === undefined) return { config: parseConfig(written) };
    const changed = { ...(written as object), watch };
    return { config: parseConfig(changed), context: { [CONFIG_KEY]: changed } };
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function readMonth(values: Values, config: Ha2mConfig, resources: StandingResources): Month {
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
    readingsPerDay: decimalNumber(
      "--readings-per-day",
      values["readings-per-day"] ?? String(READINGS_PER_DAY),
      0,
      DAY_S,
    ),
    failoversPerMonth,
    mailsPerMonth:
      mails === undefined ? 2 * failoversPerMonth : decimalNumber("--mails-per-month", mails, 0, 1_000_000),
    recipients: config.mail.to.length,
    queues: resources.queues,
    eventBus: resources.buses > 0,
    notified: config.notify.sns.length > 0,
    noticeMails: config.notify.sns.filter(({ protocol }) => protocol === "email").length,
    alarmed: config.alarms.email.length,
    sweepMinutes: config.alerts.sweepMinutes,
    clustersPerDeployment: CLUSTERS_PER_DEPLOYMENT,
    basicIngest: false,
  };
}

function standingOf(
  month: Month,
  { retention }: Ha2mConfig,
  { alarmMetrics, dashboards, secrets }: StandingResources,
  metricsPerCluster: number,
): Standing {
  const deployments = deploymentsOf(month);
  return {
    readingsKept: month.clusters * month.readingsPerDay * retention.readingsDays,
    alarms: deployments * alarmMetrics,
    dashboards: deployments * dashboards,
    metrics: month.clusters * metricsPerCluster + deployments * TOTALS.length,
    secrets: deployments * secrets,
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
  prices: { date: PRICES.date, region: PRICES.region, free: PRICES.free },
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

/** All at list prices; `free_usd` is the part that is always free. */
const partsOf = ({ lines, usd, standingUsd, freeUsd, standingFreeUsd }: Bill) => ({
  usd,
  free_usd: freeUsd,
  standing_usd: standingUsd,
  standing_free_usd: standingFreeUsd,
  lines: lines.map(({ service, what, quantity, unit, usd: lineUsd, freeUsd: lineFreeUsd }) => ({
    service,
    what,
    quantity,
    unit,
    usd: lineUsd,
    free_usd: lineFreeUsd,
  })),
});

function columnsOf(
  { broker, basic_ingest }: Bills,
  basicIngestAlone: boolean,
  run: Run | undefined,
): Column[] {
  return [
    ...(basicIngestAlone ? [] : [{ heading: "broker", free: broker, ...broker }]),
    { heading: "Basic Ingest", free: basic_ingest, ...basic_ingest },
    ...(run === undefined
      ? []
      : [{ heading: `${run.scenario}, ${Math.round(run.days * 100) / 100} d`, standingUsd: 0, ...run.cost }]),
  ];
}
