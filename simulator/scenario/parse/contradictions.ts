/** Finds expectations of one run that cannot all hold. */
import { type Expectation, expectationText, type Metric } from "../expectations.ts";
import type { Problems } from "../scenario-error.ts";
import type { PlacedExpectation } from "./expectations.ts";

/** The range that an expectation states for a metric, or that follows from it. */
interface Range {
  readonly metric: Metric;
  readonly min: number;
  readonly max: number;
  readonly source: PlacedExpectation;
}

/** Pairs of metrics of which the first counts a part of the second. */
const PARTS: readonly (readonly [Metric, Metric])[] = [
  ["wrongly expelled", "expelled"],
  ["readings lost", "readings due"],
];

/** Reports each pair of expectations that no run can meet, at the line of the later one. */
export function reportContradictions(problems: Problems, expectations: readonly PlacedExpectation[]): void {
  const ranges = expectations.flatMap(rangesOf);
  const contradict = (x: PlacedExpectation, y: PlacedExpectation) => {
    const [early, late] = x.line <= y.line ? [x, y] : [y, x];
    const [said, before] = [late, early].map(({ expectation }) => expectationText(expectation));
    problems.add(late.line, `"${said}" contradicts "${before}" in line ${early.line}; correct one of them`);
  };
  // If ranges overlap in pairs, all overlap in one point, so that pairs are enough.
  forPairs(ranges, (x, y) => {
    if (x.metric === y.metric && (x.min > y.max || y.min > x.max)) contradict(x.source, y.source);
    for (const [part, whole] of PARTS) {
      if (x.metric === part && y.metric === whole && x.min > y.max) contradict(x.source, y.source);
      if (y.metric === part && x.metric === whole && y.min > x.max) contradict(x.source, y.source);
    }
  });
  forPairs(expectations, (x, y) => {
    const same = x.expectation.kind === y.expectation.kind && x.expectation.kind !== "metric";
    if (same && expectationText(x.expectation) !== expectationText(y.expectation)) contradict(x, y);
  });
}

function forPairs<Item>(items: readonly Item[], look: (x: Item, y: Item) => void): void {
  for (const [index, x] of items.entries()) for (const y of items.slice(index + 1)) look(x, y);
}

function rangesOf(source: PlacedExpectation): Range[] {
  const exactly = (metric: Metric, count: number) => ({ metric, min: count, max: count, source });
  const { expectation } = source;
  switch (expectation.kind) {
    case "metric":
      return [{ ...expectation, source }];
    case "failovers":
      return [exactly("failovers", expectation.list.length)];
    case "mails":
      return (["firing", "resolved", "reminder"] as const).map((state) =>
        exactly(`${state} mails`, mailsOf(expectation, state)),
      );
    case "primary at the end":
      // At least: more may have held the role in the course of the run.
      return [
        {
          metric: "primaries at once",
          min: expectation.nodes.length,
          max: Number.POSITIVE_INFINITY,
          source,
        },
      ];
  }
}

const mailsOf = ({ list }: Expectation & { kind: "mails" }, state: string): number =>
  list.filter(({ mail }) => mail.startsWith(`${state} `)).length;
