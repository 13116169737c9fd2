/** The APIs by which the account's owner manages what is deployed; no function calls them. */
import { type ApiOptions, gate } from "../api-endpoints.ts";
import type { Broker } from "../iot/broker.ts";
import type { Identities } from "../iot/identities.ts";
import type { TopicRules } from "../iot/topic-rules.ts";
import { startCloudFormationFront } from "./cloudformation-front.ts";
import { startIotFront } from "./iot-front.ts";
import type { Front } from "./server.ts";
import { startStsFront } from "./sts-front.ts";

/** The parts of the cloud that these APIs describe. */
export interface ControlPlaneOptions extends Pick<ApiOptions, "assembly" | "roles" | "clock" | "log"> {
  readonly broker: Pick<Broker, "host" | "port">;
  readonly identities: Identities;
  readonly rules: TopicRules;
  /** Where SNS is served, which functions call too. */
  readonly sns: string;
}

/** The endpoint of each. */
export interface ControlPlane {
  readonly iot: string;
  readonly sts: string;
  readonly cloudformation: string;
  readonly sns: string;
}

/** Starts these APIs. @param started registers each front when it is up */
export async function openControlPlane(
  options: ControlPlaneOptions,
  started: (front: Promise<Front>) => Promise<Front>,
): Promise<ControlPlane> {
  const { assembly, broker, identities, rules, sns, roles, clock } = options;
  const { accountId, region } = assembly.account;
  const [iot, sts, cloudformation] = await Promise.all([
    started(
      startIotFront({
        ...gate(options, "iot"),
        endpoint: () => `${broker.host}:${broker.port}`,
        arnPrefix: `arn:aws:iot:${region}:${accountId}:`,
        find: identities.find,
        certificatesOf: identities.certificatesOf,
        setStatus: identities.setStatus,
        rules: () => rules.all,
        setRuleEnabled: (name, enabled) => rules.setEnabled(name, enabled),
      }),
    ),
    started(startStsFront({ ...gate(options, "sts"), accountId, roleOf: (key) => roles.nameOf(key) })),
    started(
      startCloudFormationFront({
        ...gate(options, "cloudformation"),
        assembly,
        createdAt: new Date(clock.now()),
      }),
    ),
  ]);
  return {
    iot: iot.endpoint,
    sts: sts.endpoint,
    cloudformation: cloudformation.endpoint,
    sns,
  };
}
