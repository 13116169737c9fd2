/** The permissions of the templates, one by one, and the templates without some of them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freshAssembly } from "../../../simulator/cli/shared/assembly-cache.ts";
import { readCdkJson } from "../../../simulator/cli/shared/cdk-json.ts";
import { loadAssembly } from "../../../simulator/local-cloud/template/assembly.ts";

const STACKS = ["Ha2mData", "Ha2mPipeline", "Ha2mDevices"];
export const ACCOUNT = { accountId: "123456789012", region: "us-east-1" };

/** The app with everything that it can have: each option brings permissions of its own. */
export const everything = (): Promise<string> => {
  const { ha2m } = readCdkJson().context as { readonly ha2m: object };
  const options = {
    answer: { links: true },
    notify: { event_bus: true, sns: [{ protocol: "sms", endpoint: "+447700900123" }] },
    readings: { basic_ingest: true },
  };
  return freshAssembly(() => undefined, { ha2m: { ...ha2m, ...options } });
};

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
const listed = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);
export const withoutHash = (name: string): string => name.replace(/[0-9A-F]{8}/g, "");

/** The documents of a role, or of an IoT policy. */
function documentsOf(properties: Readonly<Record<string, unknown>>): { Statement: Statement[] }[] {
  const { Policies, PolicyDocument } = properties as {
    readonly Policies?: readonly { readonly PolicyDocument: { Statement: Statement[] } }[];
    readonly PolicyDocument?: { Statement: Statement[] };
  };
  return [
    ...(Policies ?? []).map((policy) => policy.PolicyDocument),
    ...(PolicyDocument === undefined ? [] : [PolicyDocument]),
  ];
}
const HOLDERS = ["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IoT::Policy"];

/** One action on one resource, by the text that names it here, and where it stands. */
export interface Permission {
  readonly name: string;
  readonly logicalId: string;
  /** Of document, statement, action and resource; undefined for a permission of a function. */
  readonly at: readonly [number, number, number, number] | undefined;
}

const conditionText = (conditions: Statement["Condition"] = {}): string =>
  Object.entries(conditions)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, value]) => ` if ${key} ${operator} ${value}`),
    )
    .join("");

/** What else a function's permission asks of its caller. */
const callersOf = (properties: Readonly<Record<string, unknown>>): string =>
  ["SourceAccount", "SourceArn", "FunctionUrlAuthType", "InvokedViaFunctionUrl"]
    .filter((key) => properties[key] !== undefined)
    .map((key) => ` if ${key} ${String(properties[key])}`)
    .join("");

/** Of roles, IoT policies and functions. */
export function permissionsOf(assemblyDir: string): Permission[] {
  const assembly = loadAssembly(assemblyDir, ACCOUNT);
  const nameOf = (arn: string): string =>
    arn === "*" ? arn : withoutHash(arn.split(":").slice(5).join(":"));
  const ofHolders = assembly.resources(...HOLDERS).flatMap(({ logicalId, properties }) =>
    documentsOf(properties).flatMap(({ Statement }, d) =>
      Statement.flatMap(({ Action, Resource, Condition }, s) =>
        listed(Action).flatMap((action, a) =>
          listed(Resource as string | string[]).map((resource, r) => ({
            name: `${withoutHash(logicalId)} ${action} ${nameOf(resource)}${conditionText(Condition)}`,
            logicalId,
            at: [d, s, a, r] as const,
          })),
        ),
      ),
    ),
  );
  const ofFunctions = assembly.resources("AWS::Lambda::Permission").map(({ logicalId, properties }) => ({
    name: `${withoutHash(logicalId)} ${properties.Action} by ${properties.Principal}${callersOf(properties)}`,
    logicalId,
    at: undefined,
  }));
  return [...ofHolders, ...ofFunctions];
}

/** Takes permissions out of the templates, and leaves what their statements say besides. */
export function takeAway(dir: string, taken: readonly Permission[]): void {
  for (const stack of STACKS) {
    const file = join(dir, `${stack}.template.json`);
    const template = JSON.parse(readFileSync(file, "utf8"));
    for (const logicalId of new Set(taken.map((permission) => permission.logicalId))) {
      const properties = template.Resources[logicalId]?.Properties;
      if (properties === undefined) continue;
      const places = taken.filter((permission) => permission.logicalId === logicalId).map(({ at }) => at);
      if (places.includes(undefined)) properties.FunctionName = "nobody";
      else removeFrom(documentsOf(properties), new Set(places.map(String)));
    }
    writeFileSync(file, JSON.stringify(template));
  }
}

/** Each statement as one for each action and resource, those apart that are taken. */
function removeFrom(documents: readonly { Statement: Statement[] }[], taken: ReadonlySet<string>): void {
  for (const [d, document] of documents.entries())
    document.Statement = document.Statement.flatMap((statement, s) =>
      listed(statement.Action).flatMap((Action, a) =>
        listed(statement.Resource).flatMap((Resource, r) =>
          taken.has(String([d, s, a, r])) ? [] : [{ ...statement, Action, Resource }],
        ),
      ),
    );
}
