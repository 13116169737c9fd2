import {
  asksCertificates,
  type Certificate,
  expiringCertificates,
} from "../../../../../lambda/sweep_clusters/core/detect/certificates.ts";
import { plan } from "../../../../../lambda/sweep_clusters/core/plan.ts";
import { CERTIFICATE_SOON_MS } from "../../../../../lib/contract/incidents.ts";
import { config, NOON_MS } from "../../../send_cluster_mail/support/fixtures.ts";
import { firing, view } from "./views.ts";

const DAY_MS = 86_400_000;
const lasting = (days: number, status = "ACTIVE"): Certificate => ({
  status,
  expiresMs: NOON_MS + days * DAY_MS,
});
const found = (...certificates: readonly Certificate[]) =>
  expiringCertificates([{ node: 3, certificates }], NOON_MS).map(({ fires }) => fires);

describe("a node's certificates -> whether the newest active one ends soon", () => {
  test.each<[string, readonly Certificate[], readonly boolean[]]>([
    ["one of 20 days", [lasting(20)], [true]],
    ["one that has ended", [lasting(-4)], [true]],
    ["one of 31 days", [lasting(31)], [false]],
    ["an old one beside its successor, in either order", [lasting(2), lasting(400)], [false]],
    ["a successor beside the old one", [lasting(400), lasting(2)], [false]],
    ["a successor that is not active yet", [lasting(2), lasting(400, "INACTIVE")], [true]],
    ["a successor that was revoked", [lasting(2), lasting(400, "REVOKED")], [true]],
    ["none that is active", [lasting(2, "INACTIVE")], []],
    ["none", [], []],
  ])("%s", (_, certificates, fires) => {
    expect(found(...certificates)).toEqual(fires);
  });

  test("exactly 30 days, and a millisecond more", () => {
    const ending = (expiresMs: number): Certificate => ({ status: "ACTIVE", expiresMs });
    expect(found(ending(NOON_MS + CERTIFICATE_SOON_MS))).toEqual([true]);
    expect(found(ending(NOON_MS + CERTIFICATE_SOON_MS + 1))).toEqual([false]);
  });
});

test("a day of sweeps -> each cluster is asked about once, at another sweep than the next cluster", () => {
  const midnight = Date.UTC(2027, 2, 28);
  for (const sweepMinutes of [15, 7, 60, 1]) {
    const sweeps = Array.from({ length: Math.floor(1_440 / sweepMinutes) }, (_, i) => i);
    // A schedule begins at any moment of its interval.
    const at = (i: number): number => midnight + (i + 0.4) * sweepMinutes * 60_000;
    for (const place of [0, 1, 95, 96, 300])
      expect(sweeps.filter((i) => asksCertificates(at(i), sweepMinutes, place))).toEqual([
        place % sweeps.length,
      ]);
  }
});

describe("what a sweep says of it", () => {
  const swept = (incidents: ReturnType<typeof firing>[], certificates: readonly Certificate[] | undefined) =>
    plan({
      clusters: [{ ...view(), incidents }],
      backend: [],
      queues: [],
      ...(certificates === undefined
        ? {}
        : { certificates: new Map([["kitchen", [{ node: 0, certificates }]]]) }),
      policy: config.policy,
      nodes: new Map([["kitchen", 2]]),
      batteryEmptyMv: 4_600,
      nowMs: NOON_MS,
    }).map((signal) => ({ type: signal.type, ...("facts" in signal ? { facts: signal.facts } : {}) }));

  test("one of 12 days -> it fires, with its end", () => {
    expect(swept([], [lasting(12)])).toEqual([
      {
        type: "firing",
        facts: { kind: "certificate-expiring", node: 0, expiresMs: NOON_MS + 12 * DAY_MS },
      },
    ]);
  });

  test("one of 12 days that fires already -> nothing that changes it", () => {
    const types = swept([firing("certificate-expiring", 0, -60)], [lasting(12)]).map(({ type }) => type);
    expect(types).not.toContain("firing");
    expect(types).not.toContain("well");
  });

  test("a later one is active -> over", () => {
    expect(swept([firing("certificate-expiring", 0, -60)], [lasting(12), lasting(300)])).toEqual([
      { type: "well" },
    ]);
  });

  test("it was not asked about, or has none that is active -> not over", () => {
    for (const certificates of [undefined, []]) {
      const types = swept([firing("certificate-expiring", 0, -60)], certificates).map(({ type }) => type);
      expect(types).not.toContain("well");
    }
  });
});
