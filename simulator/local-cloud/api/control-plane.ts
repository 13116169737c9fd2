/** The APIs by which the account's owner manages what is deployed. */
import { type ApiOptions, gate } from "../api-endpoints.ts";
import { startCloudFormationFront } from "./cloudformation-front.ts";
import type { Front } from "./server.ts";
import { startStsFront } from "./sts-front.ts";

/** The parts of the cloud that these APIs describe. */
export interface ControlPlaneOptions extends Pick<ApiOptions, "assembly" | "roles" | "clock" | "log"> {
  /** Where AWS IoT's control plane is served, which a function calls too. */
  readonly iot: string;
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

/** Starts those of these APIs that no function calls. @param started registers each front when it is up */
export async function openControlPlane(
  options: ControlPlaneOptions,
  started: (front: Promise<Front>) => Promise<Front>,
): Promise<ControlPlane> {
  const { assembly, iot, sns, roles, clock } = options;
  const { accountId } = assembly.account;
  const [sts, cloudformation] = await Promise.all([
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
    iot,
    sts: sts.endpoint,
    cloudformation: cloudformation.endpoint,
    sns,
  };
}
