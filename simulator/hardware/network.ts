/**
 * What lies between a node and the message broker: the node's radio and TLS library, access point, broadband and time
 * server, with the time that each step takes (FACTS.md, "ESP32 and battery").
 *
 * Modelled: join time with its tail, joins that fail by chance, an access point or a broadband line that is away, a time server that is silent, a
 * TLS handshake that fails, a PUBACK that is lost.
 * Not modelled: signal strength, DHCP leases, DNS, interference between nodes, a connection that breaks between two
 * messages of one wake other than by an outage.
 */
import type { Rng } from "../engine/rng.ts";
import { type Micros, millis, seconds } from "../engine/time.ts";

/** Something that several causes can take away at once; it is there when none does. */
export class Service {
  readonly #awayFor = new Set<object>();

  get here(): boolean {
    return this.#awayFor.size === 0;
  }

  /** Adds a cause for which it is away. @returns a function that ends this cause */
  takeAway(): () => void {
    const reason = {};
    this.#awayFor.add(reason);
    return () => void this.#awayFor.delete(reason);
  }
}

/** The services that all nodes share. */
export class Network {
  readonly accessPoint = new Service();
  readonly broadband = new Service();
  readonly timeServer = new Service();
}

/**
 * Why a connection failed:
 * - `no-access-point`: not found, or no address, within 20 s.
 * - `no-route`: joined, and no TCP connection within 10 s.
 * - `tls-no-memory`: the handshake had no memory.
 * - `certificate-refused`: the broker does not take the node's certificate.
 */
export type ConnectFailure = "no-access-point" | "no-route" | "tls-no-memory" | "certificate-refused";

/** One step towards the broker: how long it took, and why it failed; `failure` undefined: it worked. */
export interface Step<Failure> {
  readonly took: Micros;
  readonly failure: Failure | undefined;
}

/** Range of a join, in seconds. Nine joins of ten are quick; the rest scan again or wait for DHCP. */
const JOIN_S = [0.7, 1.6] as const;
const JOIN_TAIL_S = [1.6, 5] as const;
const JOIN_TAIL_SHARE = 0.1;
const JOIN_LIMIT = seconds(20);
const TLS_S = [1.4, 2.2] as const;
const TCP_LIMIT = seconds(10);
/** Time until a handshake without memory fails: an early allocation does. */
const TLS_NO_MEMORY = millis(300);
const TIME_QUERY_S = [0.03, 0.1] as const;
/** Longest wait for the time server: that of MicroPython's ntptime. */
const TIME_LIMIT = seconds(1);
const PUBACK_S = [0.03, 0.12] as const;
/** Longest wait of the firmware for a PUBACK. */
export const PUBACK_LIMIT = seconds(5);

/** One node's radio and TLS library: each step with the time it takes, drawn by chance. */
export class Radio {
  readonly network: Network;
  /** This node's own link to the access point. */
  readonly link = new Service();
  readonly tlsMemory = new Service();
  readonly certificate = new Service();
  /** Duration of each join, in seconds; undefined: drawn each time. */
  joinS: number | undefined;
  /** Share of the joins that fail although the access point is there, from 0 to 1. */
  joinsFailing = 0;
  /** How many of the next PUBACKs are lost. */
  pubacksToLose = 0;
  readonly #rng: Rng;

  constructor(network: Network, rng: Rng) {
    this.network = network;
    this.#rng = rng;
  }

  /** Joins Wi-Fi. */
  join(): Step<"no-access-point"> {
    const drawn = this.#draw(this.#rng.chance(JOIN_TAIL_SHARE) ? JOIN_TAIL_S : JOIN_S);
    const took = this.joinS === undefined ? drawn : seconds(this.joinS);
    const fails = this.joinsFailing > 0 && this.#rng.chance(this.joinsFailing);
    if (this.#onAir && took <= JOIN_LIMIT && !fails) return { took, failure: undefined };
    return { took: JOIN_LIMIT, failure: "no-access-point" };
  }

  /** Asks the time server. */
  askTime(): Step<"no-answer"> {
    const took = this.#draw(TIME_QUERY_S);
    if (this.online && this.network.timeServer.here) return { took, failure: undefined };
    return { took: TIME_LIMIT, failure: "no-answer" };
  }

  /** Connects by TCP and makes the TLS handshake. */
  handshake(): Step<ConnectFailure> {
    const took = this.#draw(TLS_S);
    if (!this.online) return { took: TCP_LIMIT, failure: "no-route" };
    if (!this.tlsMemory.here) return { took: TLS_NO_MEMORY, failure: "tls-no-memory" };
    return { took, failure: this.certificate.here ? undefined : "certificate-refused" };
  }

  /** Time from a publish to its PUBACK, if that is not lost. */
  puback(): Micros {
    return this.#draw(PUBACK_S);
  }

  /** Whether the next PUBACK is lost; it takes one of `pubacksToLose`. */
  losesPuback(): boolean {
    if (this.pubacksToLose === 0) return false;
    this.pubacksToLose -= 1;
    return true;
  }

  /** Whether packets reach the broker. */
  get online(): boolean {
    return this.#onAir && this.network.broadband.here;
  }

  get #onAir(): boolean {
    return this.link.here && this.network.accessPoint.here;
  }

  #draw([low, high]: readonly [number, number]): Micros {
    return seconds(this.#rng.between(low, high));
  }
}
