/** What a deploy left behind for the commands that come after it: `cdk-outputs.json`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { stackNames } from "../../../lib/contract/names.ts";
import { projectRoot } from "../../project-root.ts";
import { UsageError } from "./arguments.ts";
import { callersPath } from "./callers-path.ts";

/** Where `cdk deploy` writes what the stacks put out. */
export const OUTPUTS_FILE = "cdk-outputs.json";
/** The command that deploys all stacks and writes that file. */
export const DEPLOY = `npx cdk deploy --all --outputs-file ${OUTPUTS_FILE}`;
/** What the stack of the nodes' identities says of them. */
export interface DeviceOutputs {
  /** The deployment's. */
  readonly name: string;
  readonly file: string;
  readonly region: string;
  readonly things: readonly string[];
  /** Certificate ids by the stem of their CSR: `kitchen-0`, `kitchen-0.2`. */
  readonly certificates: ReadonlyMap<string, string>;
}

/**
 * @param name the deployment's
 * @throws UsageError when the file is not there, does not know that deployment, or is not what `cdk deploy --outputs-file` writes.
 */
export function readDeviceOutputs(command: string, given: string | undefined, name: string): DeviceOutputs {
  const { devices: stack } = stackNames(name);
  const file = given === undefined ? join(projectRoot(), OUTPUTS_FILE) : callersPath(command, given);
  const fail = (why: string) => new UsageError(`${file} ${why}; write it with ${DEPLOY}`);
  let stacks: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  try {
    stacks = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw fail("is not JSON");
    throw fail(code === "ENOENT" ? "is not there" : `cannot be read (${code})`);
  }
  const outputs = stacks?.[stack];
  if (typeof outputs !== "object" || outputs === null) throw fail(`has no outputs of the stack ${stack}`);
  const { Region: region, Things: things } = outputs;
  if (typeof region !== "string" || typeof things !== "string")
    throw fail(`has no Region or no Things of ${stack}: it was deployed from an earlier version`);
  const certificates = Object.entries(outputs)
    .filter(([output]) => output.startsWith("Certificates"))
    .flatMap(([output, value]) => {
      const found = certificatesIn(String(value));
      if (found === undefined) throw fail(`has a broken output ${output}`);
      return found;
    });
  return { name, file, region, things: things.split(","), certificates: new Map(certificates) };
}

/** `kitchen-0=ID,kitchen-0.2=ID`, an output of the devices' stack, by its parts; undefined when it is something else. */
export function certificatesIn(value: string): (readonly [stem: string, id: string])[] | undefined {
  const pairs = value.split(",").map((pair) => /^([^=]+)=([0-9a-f]{64})$/.exec(pair));
  return pairs.every((pair) => pair !== null)
    ? pairs.map(([, stem = "", id = ""]) => [stem, id] as const)
    : undefined;
}
