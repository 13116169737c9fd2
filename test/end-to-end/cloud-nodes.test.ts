/** `npm run cloud -- --nodes`: a person sees the story happen beside the cloud, in quick motion. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, start } from "./support/commands.ts";

let folder: string;
beforeAll(() => run("prepare", []));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-nodes-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ANY_PORTS = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];

test("live nodes at 5,000 times our time -> takeover and mail are seen; Ctrl-C ends nodes and cloud, with true totals", async () => {
  const cloud = start("cloud", ["--nodes", "--speed", "5000x", "--keys", folder, ...ANY_PORTS]);
  const timeline = await cloud.until("stdout", /✉ .*FIRING kitchen: node 0 stopped/);
  expect(timeline).toMatch(/takes over from node 0/);
  cloud.child.kill("SIGINT");
  const { code, stdout, stderr } = await cloud.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const total = (what: string) => Number(new RegExp(`(\\d+) {2}${what}`).exec(stdout)?.[1]);
  expect(total("mails sent")).toBeGreaterThanOrEqual(1);
  expect(total("readings stored")).toBeGreaterThan(10);
  expect(total("messages in")).toBeGreaterThan(total("readings stored"));
});

test.each([
  [["--speed", "60x"], "--speed needs --nodes: it is about their story.\n"],
  [["--nodes", "--speed", "max"], "--speed max: live nodes need a speed such as 60x.\n"],
  [["--nodes", "--speed", "fast"], /^--speed takes 1x, 60x/],
  [["--nodes", "--scenario", "grocerys"], /grocerys.*groceries/s],
  [["--seed", "4"], "--seed needs --chaos or --nodes: nothing else here is random.\n"],
])("%p -> refused before anything starts, exit 2", async (args, said) => {
  const { code, stdout, stderr } = await run("cloud", args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  if (typeof said === "string") expect(stderr).toBe(said);
  else expect(stderr).toMatch(said);
});
