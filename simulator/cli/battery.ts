/** `npm run battery`: what a wake costs, how long a pack lasts, and every figure that went into it. */
import { seconds } from "../engine/time.ts";
import {
  type Assumption,
  batteryLife,
  ESTIMATE,
  ESTIMATE_C,
  estimatedDays,
  PACK_FIGURES,
  WAKE_PROFILE,
  WAKE_SPANS,
  type WakeProfile,
  wakeChargeC,
  wakeTotalC,
} from "../node/battery-life.ts";
import { LOADS, PHASE, type PhaseName } from "../node/loads.ts";
import { PERIOD_S } from "../protocol/timing.ts";
import { wearReport, wearText } from "./battery/wear.ts";
import { parseFlags, refuseWords, wholeNumber } from "./shared/arguments.ts";
import { runCommand } from "./shared/run-command.ts";

const HELP = `Computes how long a pack of four NiMH AA cells lasts: in a standby, a primary,
a primary that cannot join its Wi-Fi, and a development board. Prints the
charge of each part of a wake, and every figure used, with its source.

  npm run battery -- [options]

  --sleep-s N   seconds asleep between two wakes (default ${PERIOD_S})
  --wear        prints instead: page writes, bus time and charge of one wake's
                EEPROM accesses, for each protocol and number of nodes
  --json        prints one JSON object on stdout
  --help
`;

const FLAGS = {
  "sleep-s": { type: "string" },
  wear: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

/** As the contract has a reading's `sleep_s`. */
const SLEEP_S = { min: 1, max: 86_400, fallback: String(PERIOD_S) } as const;

/** `npm run battery`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags("battery", argv, FLAGS);
    if (values.help === true) {
      process.stdout.write(HELP);
      return 0;
    }
    refuseWords("battery", positionals);
    const sleepS = wholeNumber("--sleep-s", values["sleep-s"] ?? SLEEP_S.fallback, SLEEP_S.min, SLEEP_S.max);
    const json = (report: object): string => `${JSON.stringify(report, null, 2)}\n`;
    if (values.wear === true) {
      const report = wearReport(sleepS);
      process.stdout.write(values.json === true ? json(report) : wearText(report));
      return 0;
    }
    const report = reportFor(sleepS);
    process.stdout.write(values.json === true ? json(report) : text(report));
    return 0;
  });

interface Case {
  readonly name: string;
  readonly profile: WakeProfile;
  readonly estimateC: number;
  readonly estimateAsleepA: number;
}

const { standby, primary, failedJoin } = WAKE_PROFILE;
const devBoardA = LOADS.sleepDevBoard.ampere;
const bare = { estimateAsleepA: ESTIMATE.asleepA };
const CASES: readonly Case[] = [
  { name: "standby", profile: standby, estimateC: ESTIMATE_C.standby, ...bare },
  { name: "primary", profile: primary, estimateC: ESTIMATE_C.primary, ...bare },
  { name: "primary, no join", profile: failedJoin, estimateC: ESTIMATE_C.failedJoin, ...bare },
  {
    name: "standby, dev kit",
    profile: { ...standby, asleepA: devBoardA },
    estimateC: ESTIMATE_C.standby,
    estimateAsleepA: devBoardA,
  },
];

/** The phases of a wake, in the order in which they come. */
const ITEMS = ["boot", "bus", "wifi", "tls", "conversion", "publish"] as const satisfies readonly PhaseName[];

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

function compute({ name, profile, estimateC, estimateAsleepA }: Case, sleepS: number) {
  const sleep = seconds(sleepS);
  const chargeC = wakeChargeC(profile);
  const { toDropOutDays, toBrownOutDays, wakes } = batteryLife(profile, sleep);
  const estimate = estimatedDays(estimateC, sleep, estimateAsleepA);
  return {
    name,
    wake_mc: Object.fromEntries(ITEMS.map((item) => [item, round(chargeC[PHASE[item]]! * 1e3, 3)])),
    wake_total_mc: round(wakeTotalC(profile) * 1e3, 3),
    asleep_mc: round(profile.asleepA * sleepS * 1e3, 3),
    peak_ma: round(profile.peakA * 1e3, 3),
    to_drop_out_days: round(toDropOutDays, 2),
    to_brown_out_days: round(toBrownOutDays, 2),
    wakes,
    estimate_wake_mc: round(estimateC * 1e3, 3),
    estimate_days: round(estimate, 2),
    ratio: round(toDropOutDays / estimate, 3),
    estimate_days_with_this_charge: round(estimatedDays(wakeTotalC(profile), sleep, estimateAsleepA), 2),
  };
}
type Row = ReturnType<typeof compute>;

interface Report {
  readonly sleep_s: number;
  readonly rows: readonly Row[];
  /** Until a standby's pack no longer carries a primary's peaks in regulation, should it have to take over. */
  readonly standby_can_take_over_days: number;
  readonly assumptions: readonly Assumption[];
}

function reportFor(sleepS: number): Report {
  const onCall = batteryLife({ ...standby, peakA: primary.peakA }, seconds(sleepS));
  return {
    sleep_s: sleepS,
    rows: CASES.map((each) => compute(each, sleepS)),
    standby_can_take_over_days: round(onCall.toDropOutDays, 2),
    assumptions: assumptions(),
  };
}

const current = (a: number): string => (a < 1e-3 ? `${round(a * 1e6, 1)} µA` : `${round(a * 1e3, 1)} mA`);
const duration = (us: number): string => (us < 1e4 ? `${round(us / 1e3, 3)} ms` : `${us / 1e6} s`);

const assumptions = (): Assumption[] => [
  ...PACK_FIGURES,
  ...Object.values(LOADS).map(({ what, ampere, source }) => ({ what, value: current(ampere), source })),
  ...Object.values(WAKE_SPANS).map(({ what, span, source }) => ({ what, value: duration(span), source })),
];

const NAME_WIDTH = 16;
const CHARGE_WIDTHS = [7, 7, 7, 7, 8, 9, 8, 8] as const;
const LIFE_WIDTHS = [6, 10, 11, 9, 7, 7, 10] as const;

function line(widths: readonly number[], name: string, cells: readonly string[]): string {
  const padded = cells.map((cell, column) => cell.padStart(widths[column]!));
  return `  ${name.padEnd(NAME_WIDTH)}${padded.join("")}\n`;
}

const charge = (mc: number): string => (mc === 0 ? "-" : mc.toFixed(1));
const days = (n: number): string => n.toFixed(n < 100 ? 1 : 0);

const chargeTable = (rows: readonly Row[]): string =>
  line(CHARGE_WIDTHS, "", ["boot", "bus", "Wi-Fi", "TLS", "sensor", "publish", "wake", "asleep"]) +
  rows
    .map(({ name, wake_mc, wake_total_mc, asleep_mc }) =>
      line(
        CHARGE_WIDTHS,
        name,
        [...ITEMS.map((item) => wake_mc[item]!), wake_total_mc, asleep_mc].map(charge),
      ),
    )
    .join("");

const lifeTable = (rows: readonly Row[]): string =>
  line(LIFE_WIDTHS, "", ["peak", "days to", "days to", "estimate", "", "", "same sum,"]) +
  line(LIFE_WIDTHS, "", ["mA", "drop-out", "brown-out", "mC", "days", "ratio", "this mC"]) +
  rows
    .map((row) =>
      line(LIFE_WIDTHS, row.name, [
        String(row.peak_ma),
        days(row.to_drop_out_days),
        days(row.to_brown_out_days),
        String(row.estimate_wake_mc),
        days(row.estimate_days),
        row.ratio.toFixed(2),
        days(row.estimate_days_with_this_charge),
      ]),
    )
    .join("");

const NOTES = `drop-out   the first wake whose peak takes the rail below 3.3 V: from here on
           the node works outside its specification, or not at all
brown-out  the first wake whose peak resets the chip, as each one does after it
estimate   85 % of 1,900 mAh over a guessed charge a wake, 20 µA asleep (3.3 mA
           on the development board) and self-discharge
ratio      days to drop-out over the estimate's days
same sum   the estimate's arithmetic with a wake's charge from the first table

The estimate's 100 mC for a standby would be 2 s awake at 49 mA; boot and bus
take 0.66 s here. Nothing was adjusted to meet it: measure a boot of your own.
`;

const text = ({ sleep_s, rows, standby_can_take_over_days, assumptions }: Report): string =>
  `Charge of one wake, and of the ${sleep_s} s asleep after it, in mC

${chargeTable(rows)}
How long one pack lasts

${lifeTable(rows)}
A standby must be able to take over, with a primary's peaks: for ${days(standby_can_take_over_days)} days.

${NOTES}
What went into it; FACTS is the project's collection of datasheet figures and
estimates

${assumptions.map(({ what, value, source }) => `  ${value.padEnd(15)} ${what}\n${" ".repeat(18)}${source}\n`).join("")}`;
