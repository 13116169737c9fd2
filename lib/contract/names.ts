/**
 * Names of a deployment's parts. One word of the configuration begins every name that must be unique in an account, or
 * in an account and region, so that two deployments can exist side by side.
 *
 * Names that CloudFormation generates (tables, queues, roles, SNS topics, the secret) begin with their stack's.
 */

/** The default name of a deployment: its things have no prefix, and its topics begin with `ARTICLE_ROOT`. */
export const DEFAULT_NAME = "ha2m";

/**
 * What a name may be: what all places of use allow. Topic rules take letters, digits and `_`, stacks letters, digits
 * and `-`, a function's name 64 characters. `_` and `-` end the name in each of these, so that it may contain neither.
 */
export const NAME = /^[a-z][a-z0-9]{0,19}$/;

/** Names of the stacks: for `ha2m`, `Ha2mData`, `Ha2mPipeline` and `Ha2mDevices`. */
export function stackNames(name: string) {
  const capital = name.charAt(0).toUpperCase() + name.slice(1);
  return { data: `${capital}Data`, pipeline: `${capital}Pipeline`, devices: `${capital}Devices` } as const;
}

/** Names of the topic rules. A Basic Ingest topic contains the first; the last one stores replayed readings. */
export const ruleNames = (name: string) =>
  ({ readings: `${name}_readings`, events: `${name}_events`, late: `${name}_late_readings` }) as const;

/** Name of a function, alarm, schedule or the like: `ha2m-send_cluster_mail`. */
export const partName = (name: string, part: string): string => `${name}-${part}`;
