import * as z from "zod/mini";
import { parametersOf } from "../../../simulator/scenario/fault-parameters.ts";
import { FAULT_NAMES, FAULTS, type Fault, faultText } from "../../../simulator/scenario/faults.ts";

describe.each(FAULT_NAMES)("%s", (name) => {
  const { target, about, rate } = FAULTS[name];
  const parameters = parametersOf(name);

  test("what it strikes -> is a parameter of it", () => {
    const targets = parameters.filter(({ name: own, required }) => required && own === target);
    expect(targets).toHaveLength(target === "cluster" ? 0 : 1);
  });

  test("what it is, and how often -> said", () => {
    expect(about).toMatch(/^\S.*[^.]$/);
    expect(rate).toBeGreaterThanOrEqual(0);
  });

  test("each parameter -> is described by what it takes", () => {
    for (const { takes } of parameters) {
      expect(takes).toMatch(
        /^(?:a (?:whole )?number (?:from|above) |the number of a (?:node|chip)$|.+ or .+)/,
      );
      expect(takes).not.toMatch(/undefined|NaN/);
    }
  });

  test("nothing given -> refused, unless nothing is required", () => {
    const schema: z.core.$ZodType = FAULTS[name].schema;
    expect(z.safeParse(schema, {}).success).toBe(parameters.every(({ required }) => !required));
    expect(z.safeParse(schema, { surplus: 1 }).success).toBe(false);
  });
});

test("parameters -> named, described, and with what they are by default", () => {
  expect(parametersOf("power-cut")).toEqual([
    { name: "node", required: true, takes: "the number of a node", standard: undefined, seat: "node" },
    {
      name: "torn",
      required: false,
      takes: "addressed-bytes or whole-page",
      standard: "addressed-bytes",
      seat: undefined,
    },
  ]);
  expect(parametersOf("stuck-bit").map(({ takes }) => takes)).toEqual([
    "the number of a chip",
    "a whole number from 0 to 32767",
    "a whole number from 0 to 7",
    "0 or 1",
  ]);
  expect(parametersOf("oversleep")[1]?.takes).toBe("a number above 0, at most 604800");
  expect(parametersOf("wake-together")[1]?.seat).toBe("node");
  expect(parametersOf("eeprom-blank")[0]?.seat).toBe("chip");
  expect(parametersOf("wrong-strap")[1]?.takes).toBe("a whole number from 0 to 7");
});

test.each<[Fault, string]>([
  [{ kind: "sda-held" } as Fault, "sda-held"],
  [{ kind: "power-cut", node: 0, torn: "whole-page" }, "power-cut node=0 torn=whole-page"],
  [{ kind: "stuck-bit", chip: 1, address: 4, bit: 0, reads: 1 }, "stuck-bit chip=1 address=4 bit=0 reads=1"],
])("%j -> %s", (fault, text) => {
  expect(faultText(fault)).toBe(text);
});
