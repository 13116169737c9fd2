import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDeviceCsrs } from "../../../../lib/device-csrs.ts";
import { makeAll, rotate } from "../../../../simulator/cli/provision/make.ts";
import { Folders } from "./folders-fixture.ts";

let folders: Folders;
beforeEach(() => {
  folders = new Folders();
});
afterEach(() => folders.remove());

const key = (stem: string) => join(folders.dir, `${stem}.key.pem`);
const csr = (stem: string) => join(folders.csrs, `${stem}.csr.pem`);
const read = (file: string) => readFileSync(file, "utf8");
const mode = (file: string) => statSync(file).mode & 0o777;
const csrs = () => readDeviceCsrs(folders.csrs, new Map([["kitchen", { nodes: 2, sleepS: 900 }]]));

test("nothing there -> a key that its owner alone reads and a CSR that the app takes, for each node", async () => {
  expect(await makeAll(folders, 2, false)).toEqual([
    { stem: "kitchen-0", key: "new", csr: "new" },
    { stem: "kitchen-1", key: "new", csr: "new" },
  ]);
  expect(folders.files).toEqual([
    "kitchen-0.key.pem",
    "kitchen-1.key.pem",
    "kitchen-0.csr.pem",
    "kitchen-1.csr.pem",
  ]);
  expect([mode(folders.dir), mode(key("kitchen-0"))]).toEqual([0o700, 0o600]);
  expect((await csrs()).map(({ node }) => node)).toEqual([0, 1]);
});

test("a folder that others may read -> closed to them", async () => {
  mkdirSync(folders.dir);
  chmodSync(folders.dir, 0o755);
  await makeAll(folders, 1, false);
  expect(mode(folders.dir)).toBe(0o700);
});

test("all there -> not a byte changes", async () => {
  await makeAll(folders, 1, false);
  const before = [read(key("kitchen-0")), read(csr("kitchen-0"))];
  expect(await makeAll(folders, 1, false)).toEqual([{ stem: "kitchen-0", key: "kept", csr: "kept" }]);
  expect([read(key("kitchen-0")), read(csr("kitchen-0"))]).toEqual(before);
});

test("a CSR that was lost -> made again of the key that is there", async () => {
  await makeAll(folders, 1, false);
  const before = read(key("kitchen-0"));
  rmSync(csr("kitchen-0"));
  expect(await makeAll(folders, 1, false)).toEqual([{ stem: "kitchen-0", key: "kept", csr: "new" }]);
  expect(read(key("kitchen-0"))).toBe(before);
});

test("a CSR whose key is on another machine -> left alone", async () => {
  await makeAll(folders, 1, false);
  rmSync(key("kitchen-0"));
  expect(await makeAll(folders, 1, false)).toEqual([{ stem: "kitchen-0", key: "elsewhere", csr: "kept" }]);
  expect(folders.files).toEqual(["kitchen-0.csr.pem"]);
});

test("--force -> another key, readable by its owner alone whatever the old one was", async () => {
  await makeAll(folders, 1, false);
  const before = read(key("kitchen-0"));
  chmodSync(key("kitchen-0"), 0o644);
  expect(await makeAll(folders, 1, true)).toEqual([{ stem: "kitchen-0", key: "new", csr: "new" }]);
  expect(read(key("kitchen-0"))).not.toBe(before);
  expect(mode(key("kitchen-0"))).toBe(0o600);
  expect(await csrs()).toHaveLength(1);
});

test("rotation -> a second key beside the first, which stays; the next one is counted on from it", async () => {
  await makeAll(folders, 1, false);
  const before = read(key("kitchen-0"));
  expect(await rotate(folders, 0)).toEqual({ stem: "kitchen-0.2", key: "new", csr: "new" });
  expect(read(key("kitchen-0"))).toBe(before);
  expect((await csrs()).map(({ generation }) => generation)).toEqual([1, 2]);
  for (const file of [key("kitchen-0"), csr("kitchen-0")]) rmSync(file);
  expect(await makeAll(folders, 1, false)).toEqual([{ stem: "kitchen-0.2", key: "kept", csr: "kept" }]);
  expect((await rotate(folders, 0)).stem).toBe("kitchen-0.3");
});

test("a rotation of a node without a CSR, or amid one -> refused, with what to do", async () => {
  await expect(rotate(folders, 0)).rejects.toThrow(/kitchen-0 has no CSR yet.*provision -- kitchen$/);
  await makeAll(folders, 1, false);
  await rotate(folders, 0);
  await expect(rotate(folders, 0)).rejects.toThrow(/rotated already \(kitchen-0, kitchen-0\.2\).*--retire 0/);
  await expect(makeAll(folders, 1, true)).rejects.toThrow(/kitchen-0 is being rotated.*--retire 0/);
});

test("a key file that holds none -> refused, and the file stays", async () => {
  mkdirSync(folders.dir);
  writeFileSync(key("kitchen-0"), "hello");
  await expect(makeAll(folders, 1, false)).rejects.toThrow(/kitchen-0\.key\.pem is not a private key/);
  expect(read(key("kitchen-0"))).toBe("hello");
});
