import { rngStream } from "../../../simulator/engine/rng.ts";
import { inSeconds } from "../../../simulator/engine/time.ts";
import {
  type ConnectFailure,
  Network,
  PUBACK_LIMIT,
  Radio,
  Service,
} from "../../../simulator/hardware/network.ts";

const radioOf = (seed = 1, network = new Network()): Radio => new Radio(network, rngStream(seed, "radio"));
const DRAWS = 20_000;
const drawn = (draw: (radio: Radio) => number): number[] => {
  const radio = radioOf();
  return Array.from({ length: DRAWS }, () => draw(radio));
};
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe("a service", () => {
  test("taken away for two reasons -> back when both are over, in whichever order", () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const service = new Service();
      const reasons = [service.takeAway(), service.takeAway()];
      reasons[order[0]!]!();
      expect(service.here).toBe(false);
      reasons[order[1]!]!();
      expect(service.here).toBe(true);
    }
  });

  test("one reason over twice -> the other one still counts", () => {
    const service = new Service();
    const over = service.takeAway();
    service.takeAway();
    over();
    over();
    expect(service.here).toBe(false);
  });
});

describe("how long it takes", () => {
  test("joining -> 0.7 to 1.6 s nine times of ten, else up to 5 s", () => {
    const joins = drawn((radio) => inSeconds(radio.join().took));
    expect(Math.min(...joins)).toBeGreaterThanOrEqual(0.7);
    expect(Math.max(...joins)).toBeLessThanOrEqual(5);
    expect(Math.max(...joins)).toBeGreaterThan(4.9);
    // Four standard errors of 20,000 draws.
    const tail = joins.filter((took) => took > 1.6);
    expect(Math.abs(tail.length / DRAWS - 0.1)).toBeLessThan(0.0085);
    expect(Math.abs(mean(tail) - 3.3)).toBeLessThan(0.09);
    expect(Math.abs(mean(joins.filter((took) => took <= 1.6)) - 1.15)).toBeLessThan(0.008);
  });

  test.each<[string, (radio: Radio) => number, number, number]>([
    ["asking the time", (radio) => radio.askTime().took, 0.03, 0.1],
    ["TCP and TLS", (radio) => radio.handshake().took, 1.4, 2.2],
    ["from a publish to its PUBACK", (radio) => radio.puback(), 0.03, 0.12],
  ])("%s -> evenly between its bounds", (_, draw, low, high) => {
    const spans = drawn((radio) => draw(radio) / 1e6);
    expect(Math.min(...spans)).toBeGreaterThanOrEqual(low);
    expect(Math.min(...spans)).toBeLessThan(low + 0.01 * (high - low));
    expect(Math.max(...spans)).toBeLessThanOrEqual(high);
    expect(Math.abs(mean(spans) - (low + high) / 2)).toBeLessThan(0.01 * (high - low));
  });

  test("a join that is set to take 20 s -> just works; longer -> given up after 20 s", () => {
    const radio = radioOf();
    radio.joinS = 20;
    expect(radio.join()).toEqual({ took: 20_000_000, failure: undefined });
    radio.joinS = 20.001;
    expect(radio.join()).toEqual({ took: 20_000_000, failure: "no-access-point" });
  });

  test("an outage, or a join that is set -> what is drawn later does not change", () => {
    const later = (prepare: (radio: Radio) => () => void): unknown[] => {
      const radio = radioOf(3);
      const undo = prepare(radio);
      radio.join();
      radio.askTime();
      radio.handshake();
      undo();
      return [radio.join(), radio.askTime(), radio.handshake(), radio.puback()];
    };
    const undisturbed = later(() => () => undefined);
    expect(later(({ network }) => network.accessPoint.takeAway())).toEqual(undisturbed);
    expect(later(({ tlsMemory }) => tlsMemory.takeAway())).toEqual(undisturbed);
    const slow = (radio: Radio) => {
      radio.joinS = 30;
      return () => {
        radio.joinS = undefined;
      };
    };
    expect(later(slow)).toEqual(undisturbed);
  });
});

type Steps = { join?: "no-access-point"; time?: "no-answer"; tls?: ConnectFailure; online: boolean };
const cases: readonly [string, (radio: Radio) => Service, Steps][] = [
  [
    "the access point",
    ({ network }) => network.accessPoint,
    { join: "no-access-point", time: "no-answer", tls: "no-route", online: false },
  ],
  [
    "the node's way to it",
    ({ link }) => link,
    { join: "no-access-point", time: "no-answer", tls: "no-route", online: false },
  ],
  ["broadband", ({ network }) => network.broadband, { time: "no-answer", tls: "no-route", online: false }],
  ["the time server", ({ network }) => network.timeServer, { time: "no-answer", online: true }],
  ["memory for TLS", ({ tlsMemory }) => tlsMemory, { tls: "tls-no-memory", online: true }],
  ["a valid certificate", ({ certificate }) => certificate, { tls: "certificate-refused", online: true }],
];
/** Seconds that each failure takes; a refusal comes at the end of the handshake. */
const TAKES: Readonly<Record<string, number>> = {
  "no-access-point": 20,
  "no-answer": 1,
  "no-route": 10,
  "tls-no-memory": 0.3,
};

describe("what is away", () => {
  test.each(cases)(
    "%s -> its steps fail, each after its time; back -> all is well",
    (_, serviceOf, fails) => {
      const radio = radioOf();
      const back = serviceOf(radio).takeAway();
      const found = [radio.join(), radio.askTime(), radio.handshake()];
      expect(found.map(({ failure }) => failure)).toEqual([fails.join, fails.time, fails.tls]);
      for (const { took, failure } of found)
        if (failure !== undefined && failure !== "certificate-refused")
          expect(inSeconds(took)).toBe(TAKES[failure]);
      expect(radio.online).toBe(fails.online);
      back();
      expect([radio.join(), radio.askTime(), radio.handshake()].map(({ failure }) => failure)).toEqual(
        new Array(3).fill(undefined),
      );
      expect(radio.online).toBe(true);
    },
  );

  test("a certificate that is refused -> after a whole handshake", () => {
    const radio = radioOf();
    radio.certificate.takeAway();
    const { took } = radio.handshake();
    expect(inSeconds(took)).toBeGreaterThanOrEqual(1.4);
    expect(inSeconds(took)).toBeLessThan(2.2);
  });

  test("neither memory nor a certificate -> it does not come to the certificate", () => {
    const radio = radioOf();
    radio.certificate.takeAway();
    radio.tlsMemory.takeAway();
    expect(radio.handshake().failure).toBe("tls-no-memory");
  });

  test("one node's link -> the other node of the same network joins", () => {
    const network = new Network();
    const [cut, other] = [radioOf(1, network), radioOf(2, network)];
    cut.link.takeAway();
    expect([cut.join().failure, other.join().failure]).toEqual(["no-access-point", undefined]);
    expect([cut.online, other.online]).toEqual([false, true]);
  });

  test("access point and broadband away, overlapping -> each step works again when its own part is back", () => {
    const radio = radioOf();
    const accessPoint = radio.network.accessPoint.takeAway();
    const broadband = radio.network.broadband.takeAway();
    accessPoint();
    expect([radio.join().failure, radio.handshake().failure]).toEqual([undefined, "no-route"]);
    broadband();
    expect(radio.handshake().failure).toBeUndefined();
  });
});

describe("PUBACKs", () => {
  test("none to lose -> none lost; three -> three, and then no more", () => {
    const radio = radioOf();
    expect(radio.losesPuback()).toBe(false);
    radio.pubacksToLose += 3;
    expect(Array.from({ length: 5 }, () => radio.losesPuback())).toEqual([true, true, true, false, false]);
  });

  test("the firmware's patience -> longer than any PUBACK that comes", () => {
    expect(inSeconds(PUBACK_LIMIT)).toBeGreaterThan(0.12);
  });
});
