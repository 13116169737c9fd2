/** The part of STS by which a caller learns who it is: GetCallerIdentity. Every other operation is refused by name. */
import { type Operation, type QueryFrontOptions, startQueryFront } from "./query-front.ts";
import type { Front } from "./server.ts";

/** The account, and whose access key is which. */
export interface StsFrontOptions extends Pick<QueryFrontOptions, "onDenied" | "onError"> {
  readonly accountId: string;
  /** The name of the role that holds an access key; undefined for the account's owner. */
  readonly roleOf: (accessKeyId: string) => string | undefined;
}

/** The STS API: `GetCallerIdentity` alone. */
export function startStsFront({ accountId, roleOf, ...options }: StsFrontOptions): Promise<Front> {
  const GetCallerIdentity: Operation = {
    run: (_, accessKeyId) => {
      const role = roleOf(accessKeyId);
      const whose =
        role === undefined ? `iam::${accountId}:root` : `sts::${accountId}:assumed-role/${role}/local`;
      return { Arn: `arn:aws:${whose}`, UserId: role ?? accountId, Account: accountId };
    },
  };
  return startQueryFront({
    ...options,
    what: "STS",
    service: "sts",
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
    operations: { GetCallerIdentity },
    // "No permissions are required to perform this operation."
    refuse: () => undefined,
  });
}
