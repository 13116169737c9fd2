import { BusyLine } from "../../../simulator/hardware/busy-line.ts";

test("nobody raises it -> low", () => {
  expect(new BusyLine().held()).toBeUndefined();
});

test("node 0 raises and lowers it -> held, then low; 0 is a holder like any other", () => {
  const line = new BusyLine();
  line.raise(0);
  expect(line.held()).toBe(0);
  line.lower(0);
  expect(line.held()).toBeUndefined();
});

test("two raise it, the first lets go -> the second keeps it high (wired OR)", () => {
  const line = new BusyLine();
  line.raise(1);
  line.raise(0);
  expect(line.held()).toBe(1);
  line.lower(1);
  expect(line.held()).toBe(0);
});

test("a node lowers what another one holds -> still high: a dead holder blocks until it lets go itself", () => {
  const line = new BusyLine();
  line.raise(1);
  line.lower(0);
  expect(line.held()).toBe(1);
});

test("raised twice -> lowered by one lower", () => {
  const line = new BusyLine();
  line.raise(1);
  line.raise(1);
  line.lower(1);
  expect(line.held()).toBeUndefined();
});
