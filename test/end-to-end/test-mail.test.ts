/**
 * Three recipients, of whom one is not verified in SES's sandbox: what `npm run doctor` and `npm run test-mail` say, what is
 * delivered, and the same once what they print was typed. In a copy of the project, whose configuration has three.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SESClient, VerifyEmailIdentityCommand } from "@aws-sdk/client-ses";
import { projectFolder, type Running, start } from "./support/commands.ts";

const COPIED = ["bin", "lib", "lambda", "simulator", "cdk.json", "package.json", "package-lock.json"];
const [ANN, BOB, CY] = ["ann@example.net", "bob@example.net", "cy@example.org"] as const;
const PORTS = ["--mqtt-port", "0", "--dynamodb-port", "0", "--ses-port", "0"];
const LOCAL = ["--target", "local"];
const hasAwsCli = spawnSync("aws", ["--version"]).status === 0;

let folder: string;
let cloud: Running;
let ses: { readonly endpoint: string };
let welcome: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-test-mail-"));
  for (const name of COPIED) cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"), "dir");
  const cdkJson = JSON.parse(readFileSync(join(folder, "cdk.json"), "utf8"));
  cdkJson.context.ha2m.mail.to = [ANN, BOB, CY];
  writeFileSync(join(folder, "cdk.json"), JSON.stringify(cdkJson));
  cloud = start("cloud", ["--unverified", BOB, ...PORTS], folder);
  welcome = await cloud.until("stdout", /Ctrl-C ends it[\s\S]*table-name/);
  ses = JSON.parse(readFileSync(join(folder, ".ha2m/cloud/endpoints.json"), "utf8")).ses;
});
afterAll(async () => {
  cloud?.child.kill("SIGINT");
  await cloud?.finished;
  rmSync(folder, { recursive: true, force: true });
});

const run = (command: string, ...args: string[]) => start(command, args, folder).finished;
const inbox = async () =>
  ((await (await fetch(`${ses.endpoint}/store`)).json()) as { emails: Mail[] }).emails.map(
    ({ subject, destination }) => `${destination.to.join()} ${subject}`,
  );
interface Mail {
  readonly subject: string;
  readonly destination: { readonly to: readonly string[] };
}
const TEST = "[ha2m] TEST nothing is wrong: mails of this deployment reach you";

test("npm run cloud -> says that the sandbox is on, who is verified, and how the other is", () => {
  const said = welcome.split("\n").map((line) => line.trim());
  expect(said.join("\n")).toContain(
    `sandbox on, as in a new account; verified:\nha2m@example.com\n${ANN}\n${CY}`,
  );
  expect(welcome).toContain(`${BOB} is not verified. To verify it, in another terminal:`);
  expect(welcome).toContain(`--email-address ${BOB}`);
});

test("an address that is no recipient -> refused with those that are; exit 2", async () => {
  const { code, stderr } = await run("cloud", "--unverified", "bop@example.net", ...PORTS);
  expect(code).toBe(2);
  expect(stderr).toBe(
    '--unverified takes recipients of the configuration, not "bop@example.net": did you mean bob@example.net?\n',
  );
});

test("npm run doctor -> says which one is not verified; exit 1", async () => {
  const { code, stdout } = await run("doctor", ...LOCAL);
  expect(code).toBe(1);
  expect(stdout.split("\n").filter((line) => line.startsWith("✗"))).toEqual([
    expect.stringMatching(/^✗ recipient +bob@example\.net is not verified in SES/),
  ]);
});

let mend: string;
test("npm run test-mail -> one line each: two taken, one refused with what to type; exit 1; the two have it", async () => {
  const { code, stdout, stderr } = await run("test-mail", ...LOCAL);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  const lines = stdout.split("\n");
  expect(lines.slice(0, 2)).toEqual(["From ha2m@example.com, by ha2m-send_cluster_mail in us-east-1:", ""]);
  expect(lines.slice(2)).toEqual([
    expect.stringMatching(/^✓ ann@example\.net {2}accepted by SES, message id \S+$/),
    expect.stringMatching(/^✗ bob@example\.net {2}refused: not verified, and SES is in its sandbox/),
    expect.stringMatching(/^✓ cy@example\.org {3}accepted by SES, message id \S+$/),
    "",
    "1 recipient of 3 gets no mail.",
    "",
  ]);
  mend = /: (AWS_ACCESS_KEY_ID=\S+ .*)$/.exec(lines[3]!)?.[1] ?? "";
  expect(mend).toContain(
    `aws ses verify-email-identity --email-address ${BOB} --region us-east-1 --endpoint-url ${ses.endpoint}`,
  );
  expect(await inbox()).toEqual([`${ANN} ${TEST}`, `${CY} ${TEST}`]);
});

test("what it prints is typed -> both are clean, and all three have a mail", async () => {
  if (hasAwsCli) expect(spawnSync("bash", ["-c", mend], { encoding: "utf8" })).toMatchObject({ status: 0 });
  else {
    const client = new SESClient({
      endpoint: ses.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    await client.send(new VerifyEmailIdentityCommand({ EmailAddress: BOB }));
    client.destroy();
  }
  const doctor = await run("doctor", ...LOCAL);
  expect([doctor.code, doctor.stdout]).toEqual([0, expect.stringMatching(/Nothing is wrong/)]);
  const { code, stdout } = await run("test-mail", ...LOCAL, "--json");
  expect(code).toBe(0);
  const taken = (to: string) => ({ to, accepted: true, message_id: expect.stringMatching(/./) });
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    target: "local",
    region: "us-east-1",
    from: "ha2m@example.com",
    recipients: [taken(ANN), taken(BOB), taken(CY)],
  });
  expect((await inbox()).slice(2)).toEqual([`${ANN} ${TEST}`, `${BOB} ${TEST}`, `${CY} ${TEST}`]);
});

test("no incident -> none was touched", async () => {
  const { stdout } = await run("acknowledge", "*", "mail-refused", "1");
  expect(stdout).toContain("is not firing");
});

test("a cloud that has ended -> said in a sentence, with what to start; exit 1", async () => {
  const described = join(folder, "described.json");
  cpSync(join(folder, ".ha2m/cloud/endpoints.json"), described);
  cloud.child.kill("SIGINT");
  await cloud.finished;
  const { code, stdout, stderr } = await run("test-mail", ...LOCAL, "--cloud", described);
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  expect(stdout).toBe("✗ test-mail  the local cloud does not answer (ECONNREFUSED): npm run cloud\n");
  const gone = await run("test-mail", ...LOCAL);
  expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining("no local cloud is running")]);
});
