/** Counts what AWS would have metered of a run: what the nodes sent, and what the functions say in their log. */
import { BASIC_INGEST } from "../../../lib/contract/topics.ts";
import { billOf, type Line } from "../../cost/bill.ts";
import { MONTH_DAYS, type Traffic, usageOf } from "../../cost/usage.ts";
import type { CloudLogEntry } from "../../local-cloud/cloud-log.ts";
import type { Uplink } from "../../node/uplink.ts";

/** What a run would have cost, at list prices. */
export interface RunCost {
  /** Month of the prices, and their region. */
  readonly prices: string;
  readonly usd: number;
  /** Of a month that goes on as the run did; what is stored, and what stands whatever happens, is not in it. */
  readonly month_usd: number;
  readonly lines: readonly Pick<Line, "service" | "what" | "quantity" | "unit" | "usd">[];
}

/** Counts what of a run AWS would meter. */
export class RunMeter {
  #connects = 0;
  #readings = 0;
  /** Those of them that went past the broker. */
  #ingested = 0;
  #events = 0;
  #signals = 0;
  #mails = 0;
  #addressed = 0;
  #sweeps = 0;
  #looks = 0;
  #readingCounts = 0;
  #busEvents = 0;
  #notices = 0;
  #noticeMails = 0;

  /** Counts what goes over it: each CONNECT, and each PUBLISH, also one whose PUBACK is lost. */
  metered(uplink: Uplink): Uplink {
    return {
      connect: () => {
        this.#connects += 1;
        return uplink.connect();
      },
      disconnect: () => uplink.disconnect(),
      publish: (topic, payload) => {
        if (topic.startsWith(BASIC_INGEST)) this.#ingested += 1;
        if (topic.includes("/reading/")) this.#readings += 1;
        else this.#events += 1;
        return uplink.publish(topic, payload);
      },
    };
  }

  note({ code, fields }: CloudLogEntry): void {
    if (code === "mail-accepted") {
      this.#mails += 1;
      this.#addressed += (fields?.to as readonly string[] | undefined)?.length ?? 1;
    }
    if (code === "event-put") this.#busEvents += 1;
    if (code === "notice-published") {
      this.#notices += 1;
      this.#noticeMails += mailed(fields?.subscribers);
    }
    if (code === "function-log" && fields?.message === "hour") this.#readingCounts += 1;
    if (code !== "function-log" || fields?.message !== "sweep") return;
    this.#sweeps += 1;
    this.#looks += Number(fields.clusters);
    for (const count of Object.values(fields.signals as Readonly<Record<string, number>>))
      this.#signals += count;
  }

  /** @param queues that the first sweep of an hour looks at */
  traffic(days: number, queues: number): Traffic {
    return {
      connects: this.#connects,
      readings: this.#readings,
      events: this.#events,
      signals: this.#signals,
      mails: this.#mails,
      recipients: this.#mails === 0 ? 1 : this.#addressed / this.#mails,
      sweeps: this.#sweeps,
      clustersPerSweep: this.#sweeps === 0 ? 0 : this.#looks / this.#sweeps,
      hourlySweeps: this.#looks === 0 ? 0 : (this.#readingCounts * this.#sweeps) / this.#looks,
      batterySamples: this.#readings === 0 ? 0 : Math.ceil(days),
      queues,
      busEvents: this.#busEvents,
      notices: this.#notices,
      noticeMails: this.#noticeMails,
      // A node is told one or the other, and all nodes of a run are told alike.
      basicIngest: this.#ingested > 0,
    };
  }

  cost(simulatedS: number, queues: number): RunCost {
    const days = simulatedS / 86_400;
    const { date, region, lines, usd } = billOf(usageOf(this.traffic(days, queues)));
    return {
      prices: `${date} ${region}`,
      usd,
      month_usd: days === 0 ? 0 : (usd / days) * MONTH_DAYS,
      lines: lines
        .filter(({ quantity }) => quantity > 0)
        .map(({ service, what, quantity, unit, usd: lineUsd }) => ({
          service,
          what,
          quantity,
          unit,
          usd: lineUsd,
        })),
    };
  }
}

const mailed = (subscribers: unknown): number =>
  Array.isArray(subscribers) ? subscribers.filter((one) => String(one).startsWith("email")).length : 0;
