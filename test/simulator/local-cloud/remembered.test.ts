import { Remembered } from "../../../simulator/local-cloud/remembered.ts";

test("asked again -> the answer that was made; more questions than are kept -> all are forgotten and made anew", () => {
  const made: string[] = [];
  const remembered = new Remembered<string>(2);
  const ask = (key: string) =>
    remembered.get(key, () => {
      made.push(key);
      return key.toUpperCase();
    });
  expect(["a", "b", "a", "b"].map(ask)).toEqual(["A", "B", "A", "B"]);
  expect(made).toEqual(["a", "b"]);
  expect(["c", "a"].map(ask)).toEqual(["C", "A"]);
  expect(made).toEqual(["a", "b", "c", "a"]);
});
