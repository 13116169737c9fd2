/**
 * How the parts of a deployment are called. One word of the configuration begins every name that AWS wants to be
 * unique in an account and region, or in an account, so that two deployments can stand side by side.
 *
 * Names that CloudFormation makes up (tables, queues, roles, SNS topics, the secret) begin with their stack's.
 */

/** The name of a deployment that was given none; what nodes and stacks were called before there were names. */
export const DEFAULT_NAME = "ha2m";

/**
 * The narrowest of the places where it stands: topic rules take letters, digits and `_`, stacks letters, digits and `-`,
 * a function's name 64 characters. Neither `_` nor `-`: they end the name, so that none begins with another.
 */
export const NAME = /^[a-z][a-z0-9]{0,19}$/;

/** `ha2m` becomes `Ha2mData`, `Ha2mPipeline`, `Ha2mDevices`. */
export function stackNames(name: string) {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return { data: `${capital}Data`, pipeline: `${capital}Pipeline`, devices: `${capital}Devices` } as const;
}

/** Topic rules; a topic of Basic Ingest names the first, and the last stores what is handed in late. */
export const ruleNames = (name: string) =>
  ({ readings: `${name}_readings`, events: `${name}_events`, late: `${name}_late_readings` }) as const;

/** `ha2m-send_cluster_mail`: functions, alarms, schedules and the like. */
export const partName = (name: string, part: string): string => `${name}-${part}`;
