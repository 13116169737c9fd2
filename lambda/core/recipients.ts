/** What recipients are called where one of them says who they are. */
import type { ChannelPolicy } from "./policy.ts";

/** As long as a name may be that somebody gives: a name, or a mail address. */
export const NAME_LENGTH_MAX = 64;

/** A name that stands in a mail as it is: letters, digits, and what addresses and names are made of. */
export const NAME_GIVEN = /^[\p{L}\p{N}](?:[\p{L}\p{N}\p{M} .'_+@-]{0,62}[\p{L}\p{N}\p{M}.])?$/u;

const localPart = (address: string): string => address.slice(0, address.lastIndexOf("@"));

/** By address: the part before the @, or the whole address where somebody else has that part, or it is no name. */
export function namesOf(channels: readonly Pick<ChannelPolicy, "to">[]): ReadonlyMap<string, string> {
  const addresses = [...new Set(channels.flatMap(({ to }) => to))];
  const times = (name: string): number =>
    addresses.filter((one) => localPart(one).toLowerCase() === name.toLowerCase()).length;
  return new Map(
    addresses.map((address) => {
      const name = localPart(address);
      return [address, times(name) === 1 && NAME_GIVEN.test(name) ? name : address];
    }),
  );
}
