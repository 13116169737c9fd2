/** A protocol that puts hardly any law to the test. */
import { HARDENED } from "../../../../simulator/protocol/hardened/hardened.ts";
import type { Protocol } from "../../../../simulator/protocol/protocol.ts";

/** Node 0 acts at every wake, whatever the chips hold, and node 1 never does: no law is broken, and hardly one is tried. */
export const SOLOIST: Protocol = {
  ...HARDENED,
  *wake({ self }, memory) {
    yield { do: "write", chip: self, address: 0, bytes: Uint8Array.of(1) };
    if (self === 0) {
      const decision = { role: "primary", why: "checked", term: 1, formatted: false } as const;
      yield { do: "decide", decision: { ...decision, changes: [], unwritable: [], counts: [] } };
      yield { do: "connect" };
    }
    return { memory, sleep: "period" };
  },
};
