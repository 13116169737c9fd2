import { type Uplink, UplinkError } from "./uplink.ts";

/** What takes the place of broker and network. */
export interface MemoryUplinkOptions {
  /** Takes a message where a broker would, before `publish` returns. What it throws is what `publish` throws. */
  readonly accept: (topic: string, payload: string) => void;
  /** Asked at each `connect`; what it throws is what `connect` throws. @default a network that is always there */
  readonly reach?: () => void;
}

/**
 * An uplink without a network, for playing many runs: every operation completes synchronously, without virtual time and
 * with hardly any real time.
 *
 * Not emulated: certificates and policies, PUBACKs that are lost, a connection that the broker ends.
 */
export class MemoryUplink implements Uplink {
  readonly #options: MemoryUplinkOptions;
  #connected = false;

  constructor(options: MemoryUplinkOptions) {
    this.#options = options;
  }

  /** @throws what `reach` throws; the connection that was open is gone then, too */
  connect(): void {
    this.#connected = false;
    this.#options.reach?.();
    this.#connected = true;
  }

  /** @throws UplinkError `not-connected`; what `accept` throws */
  publish(topic: string, payload: string): void {
    if (!this.#connected) throw new UplinkError("not-connected", `publish to ${topic} before connect`);
    this.#options.accept(topic, payload);
  }

  disconnect(): void {
    this.#connected = false;
  }
}
