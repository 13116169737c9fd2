import { NO_VALUE, resolveValue, type Scope } from "../../../../simulator/local-cloud/template/intrinsics.ts";

const scope: Scope = {
  ref: (name) => (name === "AWS::NoValue" ? NO_VALUE : `ref-${name}`),
  attribute: (logicalId, attribute) => `${logicalId}/${attribute}`,
  imported: (name) => (name === "list" ? "a,b,c" : `imported-${name}`),
};
const resolve = (value: unknown) => resolveValue(value, "S/X", scope);

const cases: [string, unknown, unknown][] = [
  ["plain values", { a: 1, b: [true, null, "x"] }, { a: 1, b: [true, null, "x"] }],
  ["Ref", { Ref: "T" }, "ref-T"],
  [
    "GetAtt, as a list and as a text",
    [{ "Fn::GetAtt": ["T", "A.B"] }, { "Fn::GetAtt": "T.A.B" }],
    ["T/A.B", "T/A.B"],
  ],
  ["Join with intrinsics inside", { "Fn::Join": [":", ["arn", { Ref: "P" }, 7]] }, "arn:ref-P:7"],
  [
    "Sub with names, attributes and an escape",
    { "Fn::Sub": `\${T}-\${T.Arn}-\${!iot:ClientId}` },
    `ref-T-T/Arn-\${iot:ClientId}`,
  ],
  ["Sub with values of its own", { "Fn::Sub": [`\${a}/\${T}`, { a: { Ref: "A" } }] }, "ref-A/ref-T"],
  [
    "Select of a Split of an import",
    { "Fn::Select": [1, { "Fn::Split": [",", { "Fn::ImportValue": "list" }] }] },
    "b",
  ],
  [
    "a value that is no value -> property and element are left out",
    { a: { Ref: "AWS::NoValue" }, b: [1, { Ref: "AWS::NoValue" }] },
    { b: [1] },
  ],
  ["a property that happens to be called Ref beside others", { Ref: "T", and: 1 }, { Ref: "T", and: 1 }],
];
test.each(cases)("%s", (_, value, expected) => expect(resolve(value)).toEqual(expected));

const wrong: [string, unknown, RegExp][] = [
  [
    "Select outside its list",
    { a: { "Fn::Select": [3, ["x"]] } },
    /S\/X\.a: Fn::Select 3 is outside its list/,
  ],
  [
    "Join of what is no text",
    { a: { "Fn::Join": ["", [{ b: 1 }]] } },
    /S\/X\.a: expected a text, found \{"b":1\}/,
  ],
  ["Join with one argument", { a: [{ "Fn::Join": [""] }] }, /S\/X\.a\[0\]: expected two arguments, found 1/],
  ["Split of no list", { a: { "Fn::Select": [0, "x"] } }, /S\/X\.a: expected a list, found "x"/],
  [
    "an unknown function",
    { a: { "Fn::If": ["c", 1, 2] } },
    /S\/X\.a: Fn::If is not implemented; these are: Ref, /,
  ],
];
test.each(wrong)("%s -> an error that says where", (_, value, message) =>
  expect(() => resolve(value)).toThrow(message),
);
