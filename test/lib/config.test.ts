import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError, parseConfig } from "../../lib/config.ts";
import { exampleConfig } from "./example-app.ts";

function problemsOf(value: unknown): readonly string[] {
  try {
    parseConfig(value);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const { clusters, mail, retention } = exampleConfig;
const withMail = (changes: object) => ({ ...exampleConfig, mail: { ...mail, ...changes } });
const withKitchen = (kitchen: unknown) => ({ ...exampleConfig, clusters: { kitchen } });
const withRetention = (changes: object) => ({ ...exampleConfig, retention: { ...retention, ...changes } });

test("a whole configuration -> the same values in the code's terms", () => {
  expect(parseConfig(exampleConfig)).toEqual({
    clusters: new Map([
      ["kitchen", { nodes: 2, sleepS: 900 }],
      ["shed-2", { nodes: 3, sleepS: 60 }],
    ]),
    mail: {
      from: "ha2m@example.com",
      identity: "ha2m@example.com",
      to: ["you@example.com", "me@example.org"],
      runbookUrl: "https://example.com/RUNBOOK.md",
    },
    retention: { readingsDays: 10, logsDays: 30 },
  });
});

test("the configuration as JSON text, as --context gives it -> parsed", () => {
  expect(parseConfig(JSON.stringify(exampleConfig))).toEqual(parseConfig(exampleConfig));
});

test("the configuration in cdk.json -> valid", () => {
  const { context } = JSON.parse(readFileSync(join(__dirname, "../../cdk.json"), "utf8"));
  expect(problemsOf(context.ha2m)).toEqual([]);
});

test.each(["example.com", "ha2m@example.com", "Example.COM"])(
  "identity %s covers the sender -> kept",
  (identity) => {
    expect(parseConfig(withMail({ identity })).mail.identity).toBe(identity);
  },
);

test("a sender in a subdomain of the identity -> accepted", () => {
  expect(problemsOf(withMail({ from: "ha2m@home.example.com", identity: "example.com" }))).toEqual([]);
});

test("a cluster named like a property of every object -> a cluster like any other", () => {
  const config = parseConfig({ ...exampleConfig, clusters: { constructor: clusters.kitchen } });
  expect([...config.clusters]).toEqual([["constructor", { nodes: 2, sleepS: 900 }]]);
});

const address = 'expected a bare mail address, for example "ha2m@example.com"';
const recipient = 'expected a bare mail address, for example "you@example.com"';
const identity = 'expected ha2m.mail.from itself or its domain, for example "example.com"';

const WHOLE =
  '{"clusters":{"kitchen":{"nodes":2,"sleep_s":900}},"mail":{"from":"ha2m@example.com","to":["you@example.com"],"runbook_url":"https://example.com/ha2m/RUNBOOK.md"},"retention":{"readings_days":365,"logs_days":30}}';

describe("one thing wrong -> its name, what was found and an example", () => {
  test.each<[string, unknown, string]>([
    ["no configuration at all", undefined, `ha2m is missing: expected an object, for example ${WHOLE}`],
    ["a list", [], `ha2m: found [], expected an object, for example ${WHOLE}`],
    [
      "a section missing",
      { clusters, mail },
      'ha2m.retention is missing: expected an object, for example {"readings_days":365,"logs_days":30}',
    ],
    [
      "no cluster",
      { ...exampleConfig, clusters: {} },
      'ha2m.clusters: found {}, expected at least one cluster, for example {"kitchen":{"nodes":2,"sleep_s":900}}',
    ],
    [
      "a cluster id with a capital",
      { ...exampleConfig, clusters: { Shed: clusters.kitchen } },
      'ha2m.clusters.Shed: found the name "Shed", expected a cluster id: 1 to 32 of a-z, 0-9 and -, a letter first, for example "kitchen"',
    ],
    [
      "a cluster without nodes",
      withKitchen({ sleep_s: 900 }),
      "ha2m.clusters.kitchen.nodes is missing: expected a whole number from 2 to 8, for example 2",
    ],
    [
      "too many nodes",
      withKitchen({ nodes: 9, sleep_s: 900 }),
      "ha2m.clusters.kitchen.nodes: found 9, expected a whole number from 2 to 8, for example 2",
    ],
    [
      "half a node",
      withKitchen({ nodes: 2.5, sleep_s: 900 }),
      "ha2m.clusters.kitchen.nodes: found 2.5, expected a whole number from 2 to 8, for example 2",
    ],
    [
      "a number as text",
      withKitchen({ nodes: 2, sleep_s: "900" }),
      'ha2m.clusters.kitchen.sleep_s: found "900", expected a whole number from 1 to 86400, for example 900',
    ],
    [
      "a key misspelt",
      withKitchen({ nodes: 2, sleep_s: 900, sleeps: 1 }),
      "ha2m.clusters.kitchen.sleeps is unknown: did you mean ha2m.clusters.kitchen.sleep_s?",
    ],
    [
      "a key that resembles none",
      { ...exampleConfig, colour: "red" },
      "ha2m.colour is unknown: known are clusters, mail, retention",
    ],
    ["a sender without a domain", withMail({ from: "ha2m" }), `ha2m.mail.from: found "ha2m", ${address}`],
    [
      "a sender with a display name",
      withMail({ from: "Ha2m <ha2m@example.com>" }),
      `ha2m.mail.from: found "Ha2m <ha2m@example.com>", ${address}`,
    ],
    [
      "a wildcard in the sender, which a policy would follow",
      withMail({ from: "*@example.com" }),
      `ha2m.mail.from: found "*@example.com", ${address}`,
    ],
    [
      "two recipients in one text",
      withMail({ to: ["a@example.com,b@example.com"] }),
      `ha2m.mail.to.0: found "a@example.com,b@example.com", ${recipient}`,
    ],
    [
      "a line break in a recipient",
      withMail({ to: ["a@example.com", "b@example.com\nBcc: c@example.com"] }),
      `ha2m.mail.to.1: found "b@example.com\\nBcc: c@example.com", ${recipient}`,
    ],
    [
      "nobody to tell",
      withMail({ to: [] }),
      'ha2m.mail.to: found [], expected at least one mail address, for example ["you@example.com"]',
    ],
    [
      "one recipient, not in a list",
      withMail({ to: "you@example.com" }),
      'ha2m.mail.to: found "you@example.com", expected a list of mail addresses, for example ["you@example.com"]',
    ],
    [
      "an identity of another domain",
      withMail({ identity: "example.net" }),
      `ha2m.mail.identity: found "example.net", ${identity}`,
    ],
    [
      "an identity that is only the end of the domain's name",
      withMail({ identity: "ple.com" }),
      `ha2m.mail.identity: found "ple.com", ${identity}`,
    ],
    [
      "a runbook that is no URL",
      withMail({ runbook_url: "RUNBOOK.md" }),
      'ha2m.mail.runbook_url: found "RUNBOOK.md", expected an http(s) URL without #, for example "https://example.com/ha2m/RUNBOOK.md"',
    ],
    [
      "a retention that CloudWatch does not know",
      withRetention({ logs_days: 31 }),
      "ha2m.retention.logs_days: found 31, expected one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, for example 30",
    ],
    [
      "readings kept for no time",
      withRetention({ readings_days: 0 }),
      "ha2m.retention.readings_days: found 0, expected a whole number from 1 to 3650, for example 365",
    ],
    [
      "text that is not JSON",
      "{oops",
      `ha2m: found the text "{oops", which is not JSON; write --context ha2m='${WHOLE}'`,
    ],
  ])("%s", (_, value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });
});

test("the examples in the errors about a missing configuration, and about a missing section -> are valid", () => {
  const exampleIn = (value: unknown): unknown =>
    JSON.parse(/ for example (.*)$/.exec(problemsOf(value)[0] ?? "")?.[1] ?? "");
  expect(problemsOf(exampleIn(undefined))).toEqual([]);
  expect(problemsOf(/ha2m='(.*)'$/.exec(problemsOf("{oops")[0] ?? "")?.[1])).toEqual([]);
  for (const section of ["clusters", "mail", "retention"])
    expect(
      problemsOf({ ...exampleConfig, [section]: exampleIn({ ...exampleConfig, [section]: undefined }) }),
    ).toEqual([]);
});

test("several things wrong -> one error that lists each, and where to correct them", () => {
  const value = { ...withKitchen({ nodes: 1, sleep_s: 0 }), retention: undefined };
  expect(problemsOf(value)).toHaveLength(3);
  expect(() => parseConfig(value)).toThrow(
    /^CFG-001 the configuration has 3 problems:\n {2}- ha2m\.clusters/,
  );
  expect(() => parseConfig(value)).toThrow(/Correct "ha2m" in the context of cdk\.json\.$/);
});

test("more clusters than a function's environment holds -> refused with both sizes", () => {
  const many = Array.from({ length: 100 }, (_, i) => [`cluster-${i}`, { nodes: 2, sleep_s: 900 }]);
  expect(problemsOf({ ...exampleConfig, clusters: Object.fromEntries(many) })).toEqual([
    expect.stringMatching(
      /^ha2m: clusters and mail come to \d{4} bytes, a function's environment holds 3600; use/,
    ),
  ]);
});
