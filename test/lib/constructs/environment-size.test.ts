import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CONFIG_KEY, ConfigError } from "../../../lib/config.ts";
import { CLUSTERS_PER_DEPLOYMENT } from "../../../simulator/cli/cost.ts";
import { synthesize } from "../example-app.ts";

const { context } = JSON.parse(readFileSync(join(__dirname, "../../../cdk.json"), "utf8"));
const shipped = context[CONFIG_KEY];

/** Names of ten letters: `cluster-10`. */
const clusters = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`cluster-${i + 10}`, { nodes: 2, sleep_s: 900 }]),
  );

function problemOf(config: object): string | undefined {
  try {
    synthesize(config);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join("\n");
    throw error;
  }
}

test("the shipped configuration with as many clusters as the documentation says -> fits, and one more does not", () => {
  expect(problemOf({ ...shipped, clusters: clusters(CLUSTERS_PER_DEPLOYMENT) })).toBeUndefined();
  expect(problemOf({ ...shipped, clusters: clusters(CLUSTERS_PER_DEPLOYMENT + 1) })).toMatch(
    /^ha2m: the environment of ha2m-sweep_clusters has (?:409[7-9]|41\d\d) bytes, but Lambda accepts 4096; use fewer/,
  );
});

test("what the mails' function alone has is too long -> that function is named, by its deployment", () => {
  const mail = { ...shipped.mail, runbook_url: `https://example.com/${"a".repeat(470)}` };
  const full = {
    ...shipped,
    name: "home",
    clusters: clusters(CLUSTERS_PER_DEPLOYMENT),
    answer: { links: true },
  };
  expect(problemOf(full)).toBeUndefined();
  expect(problemOf({ ...full, mail })).toMatch(
    /^ha2m: the environment of home-send_cluster_mail has \d{4} bytes, but Lambda accepts 4096;/,
  );
});

test("quotes of JSON within JSON -> count twice: quiet hours take more than their own length", () => {
  const quiet = (to: unknown) => ({ ...shipped, clusters: clusters(200), mail: { ...shipped.mail, to } });
  const bytesOf = (config: object): number => Number(/has (\d+) bytes/.exec(problemOf(config) ?? "")?.[1]);
  const hours = { from: "22:00", to: "07:00", time_zone: "Europe/London" };
  const written = JSON.stringify([{ address: "you@example.com", quiet: hours }]);
  const grown =
    bytesOf(quiet([{ address: "you@example.com", quiet: hours }])) - bytesOf(quiet(["you@example.com"]));
  expect(grown).toBe(JSON.stringify(written).length - JSON.stringify("you@example.com").length);
});
