import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAll, rotate } from "../../../../simulator/cli/provision/make.ts";
import { retirement, revocation, withdraw } from "../../../../simulator/cli/provision/withdraw.ts";
import { accountOf, Folders, outputsOf } from "./folders-fixture.ts";

const OLD = "a".repeat(64);
const NEW = "b".repeat(64);

let folders: Folders;
beforeEach(async () => {
  folders = new Folders();
  await makeAll(folders, 2, false);
});
afterEach(() => folders.remove());

const fetchedCertificate = (stem: string) => writeFileSync(join(folders.dir, `${stem}.cert.pem`), stem);

test("a rotation that came to its end -> the old certificate inactive, then its files gone; the new one untouched", async () => {
  await rotate(folders, 0);
  for (const stem of ["kitchen-0", "kitchen-0.2"]) fetchedCertificate(stem);
  const plan = retirement(folders, 0, outputsOf({ "kitchen-0": OLD, "kitchen-0.2": NEW }));
  expect(plan).toMatchObject([{ stem: "kitchen-0", id: OLD, status: "INACTIVE" }]);
  const set: string[] = [];
  await withdraw(plan, accountOf({}, set));
  expect(set).toEqual([`${OLD} INACTIVE`]);
  expect(folders.files.filter((file) => file.startsWith("kitchen-0"))).toEqual([
    "kitchen-0.2.cert.pem",
    "kitchen-0.2.key.pem",
    "kitchen-0.2.csr.pem",
  ]);
});

test("one certificate, a new one that is not deployed, or not fetched -> refused: the node would have none", async () => {
  const before = outputsOf({ "kitchen-0": OLD });
  expect(() => retirement(folders, 0, before)).toThrow(/kitchen-0 has one certificate.*--rotate 0/);
  await rotate(folders, 0);
  expect(() => retirement(folders, 0, before)).toThrow(/kitchen-0\.2 is not in .*: deploy first/);
  const deployed = outputsOf({ "kitchen-0": OLD, "kitchen-0.2": NEW });
  expect(() => retirement(folders, 0, deployed)).toThrow(/kitchen-0\.2 was never fetched.*--fetch/);
});

test("revocation -> all of the node's certificates, and another node's stay", async () => {
  await rotate(folders, 0);
  const set: string[] = [];
  await withdraw(
    revocation(folders, 0, outputsOf({ "kitchen-0": OLD, "kitchen-1": NEW })),
    accountOf({}, set),
  );
  // The second was never deployed: there is nothing to be revoked.
  expect(set).toEqual([`${OLD} REVOKED`]);
  expect(folders.files).toEqual(["kitchen-1.key.pem", "kitchen-1.csr.pem"]);
});

test("AWS refuses -> the files stay, so that it can be tried again", async () => {
  const before = folders.files;
  const account = {
    ...accountOf({}),
    setStatus: () => Promise.reject(new Error("AccessDenied")),
  };
  await expect(withdraw(revocation(folders, 0, outputsOf({ "kitchen-0": OLD })), account)).rejects.toThrow(
    "AccessDenied",
  );
  expect(folders.files).toEqual(before);
});

test("a node without a CSR -> nothing to revoke", () => {
  rmSync(folders.csrs, { recursive: true });
  expect(() => revocation(folders, 0, outputsOf({}))).toThrow(/kitchen-0 has no CSR in .*nothing to revoke/);
});
