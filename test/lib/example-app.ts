/** A valid configuration and the stacks that it makes, for the tests of `lib`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { parseConfig } from "../../lib/config.ts";
import type { DeviceCsr } from "../../lib/device-csrs.ts";
import { makeStacks } from "../../lib/stacks/make-stacks.ts";

export const exampleConfig = {
  clusters: { kitchen: { nodes: 2, sleep_s: 900 }, "shed-2": { nodes: 3, sleep_s: 60 } },
  mail: {
    from: "ha2m@example.com",
    to: ["you@example.com", "me@example.org"],
    runbook_url: "https://example.com/RUNBOOK.md",
  },
  retention: { readings_days: 10, logs_days: 30 },
};

/** The feature flags that a deploy has: templates differ without them. */
const { context: flags } = JSON.parse(readFileSync(join(__dirname, "../../cdk.json"), "utf8"));

/** Templates of the three stacks, without bundling the functions. */
export function synthesize(written: unknown = exampleConfig, csrs: readonly DeviceCsr[] = []) {
  const config = parseConfig(written);
  const app = new App({ context: { ...flags, "aws:cdk:bundling-stacks": [] } });
  const stacks = makeStacks(app, { config, csrs });
  return {
    stacks,
    data: Template.fromStack(stacks.data),
    pipeline: Template.fromStack(stacks.pipeline),
    devices: Template.fromStack(stacks.devices),
  };
}

type Properties = Readonly<Record<string, unknown>>;

/** Properties of the resources of a type, with every `Fn::Join` of literals and references flattened to text. */
export const propertiesOf = (template: Template, type: string): Properties[] => [
  ...propertiesById(template, type).values(),
];

/** The same, by logical id without its hash. */
export const propertiesById = (template: Template, type: string): ReadonlyMap<string, Properties> =>
  new Map(
    Object.entries(template.findResources(type)).map(([logicalId, { Properties }]) => [
      withoutHash(logicalId),
      flatten(Properties) as Properties,
    ]),
  );

/** `{"Ref": "AWS::Region"}` as `<AWS::Region>`, `{"Fn::GetAtt": ["Queue", "Arn"]}` as `<Queue.Arn>`, joins put together. */
function flatten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flatten);
  if (typeof value !== "object" || value === null) return value;
  const [[name, inner] = ["", undefined], ...others] = Object.entries(value);
  if (others.length === 0) {
    if (name === "Ref") return `<${withoutHash(String(inner))}>`;
    if (name === "Fn::GetAtt") return `<${(inner as string[]).map(withoutHash).join(".")}>`;
    if (name === "Fn::ImportValue") return `<${withoutHash(String(inner).split(":Exports")[1] ?? "")}>`;
    if (name === "Fn::Join") return ((inner as [string, unknown[]])[1].map(flatten) as string[]).join("");
  }
  return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, flatten(of)]));
}

/** Logical ids and exports without the hashes that the CDK adds. */
const withoutHash = (id: string): string => id.replace(/[0-9A-F]{8}/g, "");
