import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createCertificateAuthority,
  type DeviceCertificate,
  writeCredentials,
} from "../../../simulator/local-cloud/iot/certificates.ts";
import { readDeviceCredentials } from "../../../simulator/node/device-credentials.ts";

const NOW = Date.UTC(2026, 10, 20);
const YEAR_MS = 365 * 86_400_000;

let directory: string;
let files: { ca: string; cert: string; key: string };
let device: DeviceCertificate;
let peer: DeviceCertificate;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "ha2m-credentials-"));
  const authority = await createCertificateAuthority(NOW);
  device = await authority.issueDevice("kitchen-0", NOW + YEAR_MS);
  peer = await authority.issueDevice("kitchen-1");
  const paths = await writeCredentials(directory, authority.caPem, new Map([["kitchen-0", device]]));
  files = { ca: paths.ca, ...paths.devices.get("kitchen-0")! };
});
afterEach(() => rm(directory, { recursive: true }));

const refusal = (text: RegExp) => ({ code: "bad-credentials", message: expect.stringMatching(text) });

test("files that belong together -> read", async () => {
  const { certPem, keyPem } = await readDeviceCredentials(files, NOW);
  expect([certPem, keyPem]).toEqual([device.certPem, device.keyPem]);
});

test("key of another certificate -> refused, naming both files", async () => {
  await writeFile(files.key, peer.keyPem);
  await expect(readDeviceCredentials(files, NOW)).rejects.toMatchObject(
    refusal(/kitchen-0\.key\.pem: this key does not belong to the certificate .*kitchen-0\.cert\.pem/),
  );
});

test.each([
  ["a second before it expires", NOW + YEAR_MS - 1_000, undefined],
  ["after it expired", NOW + YEAR_MS + 1_000, /kitchen-0\.cert\.pem: expired on .* issue a new/],
  ["before it is valid", NOW - YEAR_MS, /ca\.pem: not valid before .* clock/],
])("certificate used %s -> judged by the time given", async (_, nowMs, text) => {
  const reading = readDeviceCredentials(files, nowMs);
  if (text === undefined) await expect(reading).resolves.toMatchObject({ certPem: device.certPem });
  else await expect(reading).rejects.toMatchObject(refusal(text));
});

test.each([
  ["ca", "CA certificate"],
  ["cert", "certificate"],
  ["key", "private key"],
] as const)("%s missing -> refused, naming the file", async (which, what) => {
  const absent = { ...files, [which]: join(directory, "absent.pem") };
  await expect(readDeviceCredentials(absent, NOW)).rejects.toMatchObject(
    refusal(new RegExp(`absent\\.pem: cannot read the ${what}: there is no such file`)),
  );
});

test.each([
  ["cert", /cert\.pem: not a certificate in PEM form/],
  ["ca", /ca\.pem: not a CA certificate in PEM form/],
  ["key", /key\.pem: not an unencrypted private key in PEM form/],
] as const)("%s that is no PEM -> refused, naming the file", async (which, text) => {
  await writeFile(files[which], "hello");
  await expect(readDeviceCredentials(files, NOW)).rejects.toMatchObject(refusal(text));
});
