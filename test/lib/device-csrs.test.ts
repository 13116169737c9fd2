import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CsrError, readDeviceCsrs } from "../../lib/device-csrs.ts";
import { csrPem, RSA_1024 } from "./csr-fixture.ts";

const clusters = new Map([
  ["kitchen", { nodes: 2, sleepS: 900 }],
  ["shed-2", { nodes: 3, sleepS: 60 }],
]);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ha2m-csrs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (file: string, text: string) => writeFileSync(join(folder, file), text);
const read = () => readDeviceCsrs(folder, clusters, "devices");
const problems = () =>
  read().then(
    () => [],
    (error: unknown) => (error as CsrError).problems,
  );

test("no folder -> no CSRs", async () => {
  expect(await readDeviceCsrs(join(folder, "none"), clusters)).toEqual([]);
});

test("a CSR a node, two of one that is being rotated -> all, in order; what is no PEM is left alone", async () => {
  const pems = await Promise.all(["shed-2-1", "kitchen-1", "kitchen-0"].map((thing) => csrPem(thing)));
  const rotated = await csrPem("kitchen-0");
  put("shed-2-1.csr.pem", pems[0]!);
  put("kitchen-1.csr.pem", pems[1]!);
  put("kitchen-0.csr.pem", pems[2]!);
  put("kitchen-0.2.csr.pem", rotated);
  put("README.md", "the nodes' CSRs");
  mkdirSync(join(folder, "old"));
  expect(await read()).toEqual([
    { cluster: "kitchen", node: 0, generation: 1, pem: pems[2] },
    { cluster: "kitchen", node: 0, generation: 2, pem: rotated },
    { cluster: "kitchen", node: 1, generation: 1, pem: pems[1] },
    { cluster: "shed-2", node: 1, generation: 1, pem: pems[0] },
  ]);
});

test("a file that is no CSR, and one cut short -> each named, with what to do", async () => {
  put("kitchen-0.csr.pem", "hello");
  put(
    "kitchen-1.csr.pem",
    `${(await csrPem("kitchen-1")).slice(0, 200)}\n-----END CERTIFICATE REQUEST-----\n`,
  );
  expect(await problems()).toEqual([
    "devices/kitchen-0.csr.pem: not a PEM certificate signing request (PKCS #10). Remove it; npm run provision -- kitchen makes another from the node's key",
    "devices/kitchen-1.csr.pem: not a PEM certificate signing request (PKCS #10). Remove it; npm run provision -- kitchen makes another from the node's key",
  ]);
  await expect(read()).rejects.toThrow(/^CFG-002 the nodes' CSRs:\n {2}- devices\/kitchen-0\.csr\.pem: /);
});

test("one bit of the signature changed -> not signed by its key", async () => {
  const der = Buffer.from((await csrPem("kitchen-0")).replace(/-----[^-]+-----/g, ""), "base64");
  der[der.length - 1]! ^= 1;
  put(
    "kitchen-0.csr.pem",
    `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`,
  );
  expect(await problems()).toEqual([expect.stringMatching(/: the CSR is not signed by the key in it/)]);
});

test("RSA 1024 -> refused as AWS IoT would", async () => {
  put("kitchen-0.csr.pem", await csrPem("kitchen-0", RSA_1024));
  expect(await problems()).toEqual([
    expect.stringMatching(
      /^devices\/kitchen-0\.csr\.pem: key is RSASSA-PKCS1-v1_5 1024; AWS IoT accepts RSA/,
    ),
  ]);
});

test("another node's CSR under this name -> both names", async () => {
  put("kitchen-0.csr.pem", await csrPem("kitchen-1"));
  expect(await problems()).toEqual([
    expect.stringMatching(
      /^devices\/kitchen-0\.csr\.pem: the CSR is for CN=kitchen-1, expected CN=kitchen-0/,
    ),
  ]);
});

test("two common names -> refused", async () => {
  put("kitchen-0.csr.pem", await csrPem("kitchen-0, CN=kitchen-1"));
  expect(await problems()).toEqual([expect.stringMatching(/is for CN=kitchen-0,kitchen-1, expected/)]);
});

test("a cluster or node that is not configured, a name that is none -> each named, with what there is", async () => {
  for (const thing of ["attic-0", "kitchen-2", "kitchen"]) put(`${thing}.csr.pem`, await csrPem(thing));
  expect(await problems()).toEqual([
    expect.stringMatching(/attic-0.*no cluster "attic" in cdk\.json, only kitchen, shed-2/),
    expect.stringMatching(/kitchen-2.*kitchen has 2 nodes in cdk\.json, 0 to 1/),
    expect.stringMatching(/"kitchen" is not a node's name; expected CLUSTER-NODE\.csr\.pem/),
  ]);
});

test("one key for two certificates -> refused, naming both files", async () => {
  const pem = await csrPem("kitchen-0");
  put("kitchen-0.csr.pem", pem);
  put("kitchen-0.2.csr.pem", pem);
  expect(await problems()).toEqual([
    "devices/kitchen-0.csr.pem: has the same key as devices/kitchen-0.2.csr.pem; each node needs its own",
  ]);
});

test("a private key among them -> refused: the folder is committed", async () => {
  put("kitchen-0.key.pem", "-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----\n");
  expect(await problems()).toEqual([
    "devices/kitchen-0.key.pem: contains a private key, which must not be here; move it to its node",
  ]);
});
