/** From a certificate in AWS IoT to a mail: every certificate of the local cloud ends at 2049-12-31 23:59:59 UTC. */
import { freshAssembly } from "../../simulator/cli/shared/assembly-cache.ts";
import { ComposedCloud } from "../simulator/local-cloud/composed-cloud.ts";

const composed = new ComposedCloud();
afterEach(() => composed.stop());

/** Starts a cloud on this day, and lets it run for so many hours. */
async function runFrom(dayMs: number, hours: number): Promise<void> {
  composed.clock.pass(dayMs - composed.clock.now());
  await composed.start(await freshAssembly(() => undefined));
  await composed.pass(hours * 4);
}
const subjects = (): string[] => composed.mails.map(({ subject }) => subject).sort();

test("certificates of 20 days -> one mail for each node, however many sweeps follow", async () => {
  await runFrom(Date.UTC(2049, 11, 11, 22), 5);
  expect(subjects()).toEqual(
    [0, 1].map((node) => `[ha2m] FIRING kitchen: certificate of node ${node} ends 2049-12-31 23:59 UTC`),
  );
  expect(composed.mails[0]?.text).toContain("Yes. It is valid until 2049-12-31 23:59 UTC.");
});
