/** What nodes publish, as text: a test says only what matters to it, also what the contract does not allow. */

type Changes = Readonly<Record<string, unknown>>;

const AT = "2030-06-01T00:00:00.000Z";

/** A reading of a primary that is well, taken as the clock of the composed cloud begins. */
export const reading = (changes: Changes = {}): string =>
  JSON.stringify({
    v: 1,
    measured_at: AT,
    temperature_c: 21.5,
    seq: 0,
    term: 1,
    sleep_s: 900,
    battery_mv: 5_000,
    unwritable_eeproms: 0,
    suspects: 0,
    ...changes,
  });

/** Node 1 says that node 0 is dead. */
export const death = (changes: Changes = {}): string =>
  JSON.stringify({
    v: 1,
    type: "node_dead",
    subject: 0,
    term: 1,
    seq: 7,
    at: AT,
    took_over: true,
    state: { primary: 1, suspects: [], dead: [0], never_admitted: [], last_seen: [{ node: 0, at: null }] },
    ...changes,
  });
