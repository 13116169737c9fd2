/** `npm run provision`: keys and CSRs of nodes before a deploy, their certificates after it, and what comes later. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { type ClusterConfig, CONFIG_KEY, ConfigError, parseConfig } from "../../lib/config.ts";
import { NODES_MAX, NODES_MIN } from "../../lib/contract/topics.ts";
import { nearest } from "../../lib/nearest.ts";
import { DEVICES_FOLDER, type DeviceFolders, deviceFolders, shown } from "./provision/device-folders.ts";
import { amazonRoots, fetchCluster } from "./provision/fetch.ts";
import { openIot } from "./provision/iot-account.ts";
import { type Made, makeAll, rotate } from "./provision/make.ts";
import { retirement, revocation, type Withdrawal, withdraw } from "./provision/withdraw.ts";
import { parseFlags, UsageError, wholeNumber } from "./shared/arguments.ts";
import { callersPath } from "./shared/callers-path.ts";
import { readCdkJson } from "./shared/cdk-json.ts";
import { runCommand } from "./shared/run-command.ts";
import { DEPLOY, OUTPUTS_FILE, readDeviceOutputs } from "./shared/stack-outputs.ts";

const COMMAND = "provision";

const HELP = `Gives each node of a cluster a key and a certificate. A private key stays on
the machine it was made on, until you copy it to its node.

  npm run provision -- CLUSTER [options]

Before a deploy: makes a key (EC P-256, readable by you alone) and a CSR for
each node that has none. The CSRs go to devices/, where the app reads them.
They are not secret: commit them. If a CSR is removed, the next deploy deletes
its certificate.

  --nodes N           only the first N nodes (default: all configured nodes)
  --force             makes new keys and CSRs for all nodes, and overwrites the
                      old ones

After a deploy:

  --fetch             gets certificates, endpoint and CA into the keys' folder
  --ca FILE           with --fetch: a CA other than Amazon's; that of npm run
                      cloud is .ha2m/cloud/ca.pem

To rotate a certificate without a gap: --rotate, deploy, --fetch, copy it to
the node, --retire, deploy. If a node was lost or opened: --revoke, deploy.

  --rotate NODE       makes a second key and CSR for the node
  --retire NODE       deactivates all but the node's newest certificate at
                      once, and removes their files
  --revoke NODE       revokes all the node's certificates at once, and removes
                      their files
  --execute           without it, --retire and --revoke only print what they
                      would do

  --out DIR           folder of keys and certificates (default
                      ${DEVICES_FOLDER}/CLUSTER)
  --outputs FILE      the file of cdk deploy --outputs-file (default
                      ${OUTPUTS_FILE})
  --help

--fetch, --retire and --revoke need AWS credentials, found as by the AWS CLI.

Exit code: 0 done; 2 the command line or a file was wrong, or AWS refused.
`;

const FLAGS = {
  nodes: { type: "string" },
  force: { type: "boolean" },
  fetch: { type: "boolean" },
  ca: { type: "string" },
  rotate: { type: "string" },
  retire: { type: "string" },
  revoke: { type: "string" },
  execute: { type: "boolean" },
  out: { type: "string" },
  outputs: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;
type Values = ReturnType<typeof parseFlags<typeof FLAGS>>["values"];
type Flag = keyof typeof FLAGS;

/** What each thing to do takes besides --out. */
const TAKES = {
  make: ["nodes", "force"],
  fetch: ["fetch", "ca", "outputs"],
  rotate: ["rotate"],
  retire: ["retire", "execute", "outputs"],
  revoke: ["revoke", "execute", "outputs"],
} as const satisfies Record<string, readonly Flag[]>;
type Deed = keyof typeof TAKES;

/** `npm run provision`. @param argv what stands behind `--` @returns the exit code */
export const main = (argv: readonly string[]): Promise<number> =>
  runCommand(async () => {
    const { values, positionals } = parseFlags(COMMAND, argv, FLAGS);
    if (values.help === true || positionals.length === 0) {
      process.stdout.write(HELP);
      return values.help === true ? 0 : 2;
    }
    const deed = deedOf(values);
    const [cluster = "", ...more] = positionals;
    if (more.length > 0)
      throw new UsageError(
        `${COMMAND} takes one CLUSTER, not "${positionals.join(" ")}". See: npm run ${COMMAND} -- --help`,
      );
    const { deployment, nodes } = configured(cluster);
    const folders = deviceFolders(COMMAND, cluster, values.out);
    const node = (flag: "rotate" | "retire" | "revoke") =>
      wholeNumber(`--${flag}`, values[flag] ?? "", 0, nodes - 1);
    switch (deed) {
      case "make":
        sayMade(await makeAll(folders, countOf(values, cluster, nodes), values.force ?? false), folders);
        break;
      case "fetch":
        await fetched(deployment, folders, values);
        break;
      case "rotate":
        sayRotated(await rotate(folders, node("rotate")), folders, node("rotate"));
        break;
      case "retire":
      case "revoke":
        await withdrawn(deed, node(deed), deployment, folders, values);
    }
    return 0;
  });

function deedOf(values: Values): Deed {
  const deeds = (["fetch", "rotate", "retire", "revoke"] as const).filter(
    (deed) => values[deed] !== undefined,
  );
  if (deeds.length > 1) throw new UsageError(`choose one: ${deeds.map((deed) => `--${deed}`).join(" or ")}.`);
  const deed: Deed = deeds[0] ?? "make";
  const taken: readonly string[] = [...TAKES[deed], "out"];
  const stray = Object.keys(values).find((flag) => !taken.includes(flag));
  if (stray === undefined) return deed;
  throw new UsageError(
    `--${stray} does not go with ${deed === "make" ? "making keys" : `--${deed}`}. See: npm run ${COMMAND} -- --help`,
  );
}

/** How many nodes it has, and the name of the deployment. @throws UsageError when the configuration is wrong or has no such cluster. */
function configured(cluster: string): Pick<ClusterConfig, "nodes"> & { readonly deployment: string } {
  const { file, context } = readCdkJson();
  try {
    const { name: deployment, clusters } = parseConfig(context[CONFIG_KEY]);
    const found = clusters.get(cluster);
    if (found !== undefined) return { deployment, nodes: found.nodes };
    const near = nearest(cluster, [...clusters.keys()]);
    throw new UsageError(
      `${file} has no cluster "${cluster}"${near === undefined ? `, only ${[...clusters.keys()].join(", ")}` : `: did you mean ${near}?`}`,
    );
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function countOf({ nodes }: Values, cluster: string, has: number): number {
  if (nodes === undefined) return has;
  const count = wholeNumber("--nodes", nodes, 1, NODES_MAX);
  if (count <= has) return count;
  throw new UsageError(
    `${cluster} has ${has} nodes in cdk.json: raise the number there (${NODES_MIN} to ${NODES_MAX}), then make keys for ${count}.`,
  );
}

const print = (...lines: readonly string[]): void =>
  void process.stdout.write(lines.map((line) => `${line}\n`).join(""));

const madeText = ({ stem, key, csr }: Made): string => {
  const what = {
    new: "a new key",
    kept: "its key kept",
    elsewhere: "its key is not here, and was not changed",
  }[key];
  return `${stem}  ${what}, ${csr === "new" ? "a new CSR" : "its CSR kept"}`;
};

function sayMade(made: readonly Made[], { dir, csrs, cluster }: DeviceFolders): void {
  print(
    ...made.map(madeText),
    "",
    `Keys      ${shown(dir)}: only you can read them; copy each only to its node`,
    `CSRs      ${shown(csrs)}: not secret; commit them`,
    "",
    "Next:",
    `  ${DEPLOY}`,
    `  npm run ${COMMAND} -- ${cluster} --fetch`,
  );
}

function sayRotated(made: Made, { cluster }: DeviceFolders, node: number): void {
  print(
    madeText(made),
    "",
    "The node keeps its present certificate. Next:",
    `  ${DEPLOY}`,
    `  npm run ${COMMAND} -- ${cluster} --fetch`,
    `  copy ${made.stem}.key.pem and ${made.stem}.cert.pem to the node, and see it publish`,
    `  npm run ${COMMAND} -- ${cluster} --retire ${node}`,
  );
}

async function fetched(deployment: string, folders: DeviceFolders, values: Values): Promise<void> {
  const caPem = values.ca === undefined ? amazonRoots() : readCa(callersPath(COMMAND, values.ca));
  const outputs = readDeviceOutputs(COMMAND, values.outputs, deployment);
  const account = openIot(outputs, process.env);
  try {
    const { certificates, withdrawn: gone, endpoint } = await fetchCluster(folders, outputs, account, caPem);
    print(
      ...certificates.map(
        ({ stem, cert, hasKey }) => `${stem}  ${shown(cert)}${hasKey ? "" : "; its key is not here"}`,
      ),
      ...gone.map(({ stem, status }) => `${stem}  ${status}; the next deploy deletes it`),
      "",
      `Endpoint  ${endpoint}`,
      `CA        ${shown(folders.ca)}`,
      "",
      "A node needs its key, its certificate, the CA and the endpoint; its MQTT client id is its thing name.",
      "To try it without hardware: npm run simulate -- --target aws",
    );
  } finally {
    account.close();
  }
}

function readCa(file: string): string {
  try {
    const pem = readFileSync(file, "utf8");
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "is not there" : "is not a certificate in PEM form";
    throw new UsageError(`--ca: ${file} ${why}; npm run cloud writes its own to .ha2m/cloud/ca.pem`);
  }
}

async function withdrawn(
  deed: "retire" | "revoke",
  node: number,
  deployment: string,
  folders: DeviceFolders,
  values: Values,
): Promise<void> {
  const outputs = readDeviceOutputs(COMMAND, values.outputs, deployment);
  const plan = (deed === "retire" ? retirement : revocation)(folders, node, outputs);
  const execute = values.execute ?? false;
  print(...plan.flatMap((withdrawal) => withdrawalText(withdrawal, execute)));
  if (!execute) {
    print("", "Nothing was done. Add --execute to do it.");
    return;
  }
  const account = openIot(outputs, process.env);
  try {
    await withdraw(plan, account);
  } finally {
    account.close();
  }
  print(
    "",
    "Done. An open connection may last some minutes more. The next deploy deletes what is left:",
    `  ${DEPLOY}`,
  );
}

function withdrawalText({ stem, id, status, files }: Withdrawal, execute: boolean): string[] {
  const certificate =
    id === undefined
      ? "was never deployed"
      : `certificate ${id} ${execute ? "becomes" : "would become"} ${status} in AWS IoT`;
  return [
    `${stem}  ${certificate}`,
    ...files.map((file) => `${stem}  ${execute ? "removes" : "would remove"} ${shown(file)}`),
  ];
}
