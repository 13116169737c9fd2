/** One line of configuration: the same story, its readings past the broker. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder, run } from "./support/commands.ts";

const COPIED = [
  "bin",
  "lambda",
  "lib",
  "simulator",
  "cdk.json",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-ingest-"));
  for (const name of COPIED) cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"), "dir");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Played {
  readonly readings: { readonly published: number; readonly stored: number };
  readonly trace_sha256: string;
  readonly cost: { readonly usd: number; readonly lines: readonly { what: string; quantity: number }[] };
}
const play = async (): Promise<Played> => {
  const { code, stdout } = await run("simulate", ["--json", "--scenario", "first-start"], folder);
  expect(code).toBe(0);
  return JSON.parse(stdout);
};
const messages = ({ cost }: Played) => cost.lines.find(({ what }) => what === "messages")?.quantity ?? 0;

test("readings.basic_ingest -> the same trace, every reading stored, and no message paid for one", async () => {
  const broker = await play();
  const file = join(folder, "cdk.json");
  const cdk = JSON.parse(readFileSync(file, "utf8"));
  cdk.context.ha2m.readings = { basic_ingest: true };
  writeFileSync(file, JSON.stringify(cdk));
  const ingest = await play();
  const { published } = broker.readings;
  expect(published).toBeGreaterThan(10);
  expect(ingest.readings).toEqual({ ...broker.readings, stored: published });
  expect(ingest.trace_sha256).toBe(broker.trace_sha256);
  expect(messages(broker) - messages(ingest)).toBe(published);
  expect(ingest.cost.usd).toBeLessThan(broker.cost.usd);

  // In a deployment that has a name: another rule, other topics and things, the same story.
  cdk.context.ha2m.name = "home";
  writeFileSync(file, JSON.stringify(cdk));
  const named = await play();
  expect(named.readings).toEqual(ingest.readings);
  expect(named.trace_sha256).toBe(broker.trace_sha256);
  expect(messages(named)).toBe(messages(ingest));
});
