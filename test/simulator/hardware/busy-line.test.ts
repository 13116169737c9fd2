import { BusyLine } from "../../../simulator/hardware/busy-line.ts";

/** What the pins of nodes 0 and 1 show. */
const seen = (line: BusyLine): boolean[] => [line.isHigh(0), line.isHigh(1)];

test("nobody raises it -> low", () => {
  expect(seen(new BusyLine())).toEqual([false, false]);
});

test("node 0 raises and lowers it -> high for both, then low; 0 is a holder like any other", () => {
  const line = new BusyLine();
  line.raise(0);
  expect(seen(line)).toEqual([true, true]);
  line.lower(0);
  expect(seen(line)).toEqual([false, false]);
});

test("two raise it, the first lets go -> the second keeps it high (wired OR)", () => {
  const line = new BusyLine();
  line.raise(1);
  line.raise(0);
  line.lower(1);
  expect(seen(line)).toEqual([true, true]);
});

test("a node lowers what another one holds -> still high: a dead holder blocks until it lets go itself", () => {
  const line = new BusyLine();
  line.raise(1);
  line.lower(0);
  expect(seen(line)).toEqual([true, true]);
});

test("raised twice -> lowered by one lower", () => {
  const line = new BusyLine();
  line.raise(1);
  line.raise(1);
  line.lower(1);
  expect(seen(line)).toEqual([false, false]);
});

test("a node's wire is cut -> neither sees the other's level; mended -> both do", () => {
  const line = new BusyLine();
  const mend = line.cut(1);
  line.raise(1);
  expect(seen(line)).toEqual([false, true]);
  line.lower(1);
  line.raise(0);
  expect(seen(line)).toEqual([true, false]);
  mend();
  expect(seen(line)).toEqual([true, true]);
});

test("something else holds it high, twice -> high until both have let go, whoever lowers it", () => {
  const line = new BusyLine();
  const first = line.holdHigh();
  const second = line.holdHigh();
  first();
  first();
  line.lower(0);
  expect(seen(line)).toEqual([true, true]);
  second();
  expect(seen(line)).toEqual([false, false]);
});

test("a node's wire is cut twice -> mended when both cuts are", () => {
  const line = new BusyLine();
  const first = line.cut(1);
  const second = line.cut(1);
  line.raise(0);
  first();
  first();
  expect(seen(line)).toEqual([true, false]);
  second();
  expect(seen(line)).toEqual([true, true]);
});
