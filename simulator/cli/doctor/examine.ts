/** The list of what the doctor looks at, in the order in which it tells of it. */

import { examineBootstrap, examineCredentials } from "./account.ts";
import { examineAlarms } from "./alarms.ts";
import { examineCertificates } from "./certificates.ts";
import { guarded } from "./failure.ts";
import { CHECKS, type Check, type Finding, unchecked } from "./finding.ts";
import { examineReadings } from "./last-reading.ts";
import type { Deployed, Look } from "./look.ts";
import { examineMail } from "./mail.ts";
import { examineOutputsFile } from "./outputs-file.ts";
import { examineQueues } from "./queues.ts";
import { examineRules } from "./rules.ts";
import { deployedOf, examineStack, type FoundStack } from "./stacks.ts";

type Findings = readonly Finding[];

/**
 * What needs nothing of one another is looked at side by side.
 * @param region what there is to say of it: it was chosen before anybody could be asked
 */
export async function* examine(look: Look, region: Finding): AsyncGenerator<Finding> {
  const { target } = look;
  const credentials = await guarded(target, "credentials", () => examineCredentials(look));
  yield* credentials;
  yield region;
  if (credentials.some(({ state }) => state === "wrong")) {
    for (const check of CHECKS.slice(CHECKS.indexOf("region") + 1))
      yield unchecked(
        check,
        `not checked: needs ${target.kind === "local" ? "the local cloud" : "credentials"}`,
      );
    return;
  }
  const guardedBy = (check: Check, run: () => Promise<Findings>) => guarded(target, check, run);
  const bootstrap = guardedBy("bootstrap", () => examineBootstrap(look));
  const mail = guardedBy("mail", () => examineMail(look));
  const stacks = await examineStacks(look);
  yield* await bootstrap;
  for (const { finding } of stacks) yield finding;
  const deployed = deployedOf(stacks);
  yield* await guardedBy("outputs", async () => examineOutputsFile(look, deployed));
  const rest = afterStacks.map(([check, run]) => guardedBy(check, () => run(look, deployed)));
  yield* await mail;
  for (const findings of rest) yield* await findings;
}

const afterStacks: readonly (readonly [Check, (look: Look, deployed: Deployed) => Promise<Findings>])[] = [
  ["certificate", examineCertificates],
  ["alarms", examineAlarms],
  ["rule", examineRules],
  ["queue", examineQueues],
  ["readings", examineReadings],
];

const examineStacks = (look: Look): Promise<FoundStack[]> =>
  Promise.all(
    [...look.here.stacks].map(async ([name, template]) => {
      let found: FoundStack | undefined;
      const [failure] = await guarded(look.target, "stack", async () => {
        found = await examineStack(look, name, template);
        return [found.finding];
      });
      return found ?? { finding: { ...failure!, text: `${name}: ${failure!.text}` } };
    }),
  );
