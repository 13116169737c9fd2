/** `npm run battery -- --wear`: what each protocol's wakes cost EEPROMs and bus, by size of the cluster. */
import { days, inSeconds } from "../../engine/time.ts";
import { PAGE_ENDURANCE } from "../../hardware/at24c256.ts";
import { chipWork, type VisitToChips } from "../../node/wear.ts";
import type { ProtocolName } from "../../scenario/scenario.ts";
import { IMPLEMENTED } from "../shared/protocol-choice.ts";

const YEAR_S = inSeconds(days(365));
const NODES_MIN = 2;

const round = (value: number, digits: number): number => Number(value.toFixed(digits));

const visitRow = ({ span, bus, chargeC }: VisitToChips) => ({
  span_ms: round(span / 1e3, 3),
  bus_ms: round(bus / 1e3, 3),
  charge_mc: round(chargeC * 1e3, 3),
});

function rowFor(protocol: ProtocolName, nodes: number, witness: boolean, sleepS: number) {
  const { pages, writesAPeriod, standby, primary } = chipWork(IMPLEMENTED[protocol], nodes, witness);
  const writesAYear = (writesAPeriod * YEAR_S) / sleepS;
  return {
    protocol,
    nodes,
    witness,
    pages,
    writes_a_year: Math.round(writesAYear),
    years: round(PAGE_ENDURANCE / writesAYear, 1),
    standby: visitRow(standby),
    primary: visitRow(primary),
  };
}
type Row = ReturnType<typeof rowFor>;

/** What `--wear --json` prints: for each protocol and size of a cluster, writes, bus time and charge. */
export interface WearReport {
  readonly sleep_s: number;
  readonly endurance: number;
  readonly rows: readonly Row[];
}

/** Every size of a cluster, with and without a witness chip where the protocol knows one. */
export function wearReport(sleepS: number): WearReport {
  const sizes = (protocol: ProtocolName, witness: boolean): Row[] => {
    const most = IMPLEMENTED[protocol].nodesMax - (witness ? 1 : 0);
    return Array.from({ length: most - NODES_MIN + 1 }, (_, n) =>
      rowFor(protocol, NODES_MIN + n, witness, sleepS),
    );
  };
  return {
    sleep_s: sleepS,
    endurance: PAGE_ENDURANCE,
    rows: [...sizes("hardened", false), ...sizes("hardened", true), ...sizes("article", false)],
  };
}

const NAME_WIDTH = 13;
const WIDTHS = [6, 10, 6, 7, 6, 8, 7, 6, 8] as const;
const line = (name: string, cells: readonly string[]): string =>
  `${`  ${name.padEnd(NAME_WIDTH)}${cells.map((cell, column) => cell.padStart(WIDTHS[column]!)).join("")}`.trimEnd()}\n`;

const count = (n: number): string => n.toLocaleString("en");
const visitCells = ({ span_ms, bus_ms, charge_mc }: Row["standby"]): string[] => [
  span_ms.toFixed(1),
  bus_ms.toFixed(1),
  charge_mc.toFixed(2),
];

const HEAD =
  line("", ["pages", "writes to", "years", "", "", "standby", "", "", "primary"]) +
  line("", ["used", "a page,", "to the", "all,", "bus,", "charge,", "all,", "bus,", "charge,"]) +
  line("", ["", "a year", "end", "ms", "ms", "mC", "ms", "ms", "mC"]);

const rowText = ({ nodes, witness, pages, writes_a_year, years, standby, primary }: Row): string =>
  line(`${nodes}${witness ? " + witness" : " nodes"}`, [
    String(pages),
    count(writes_a_year),
    years.toFixed(1),
    ...visitCells(standby),
    ...visitCells(primary),
  ]);

const table = (rows: readonly Row[], protocol: ProtocolName): string =>
  `${protocol}\n${rows
    .filter((row) => row.protocol === protocol)
    .map(rowText)
    .join("")}`;

/** The report as a table for people. */
export const wearText = ({ sleep_s, endurance, rows }: WearReport): string =>
  `Wear of the EEPROMs, and each wake's visit to them, with ${sleep_s} s between wakes

${HEAD}${table(rows, "hardened")}${table(rows, "article")}
writes   to the page that is written most; every chip is written alike
years    until it has taken ${count(endurance)} writes, the guaranteed endurance
all      from the first to the last operation on a chip: transfers, write
         cycles of 5 ms, polls, and reading back what was written
bus      of it, transfers: nobody else can use the bus
charge   drawn by CPU and EEPROMs meanwhile
`;
