/**
 * List prices of us-east-1, November 2026, in US dollars, without tax, and the quantities that are always free in each
 * account. Free quantities of a first year, and credits, are not counted, because they end. There are tiers only where
 * a million clusters reach them.
 *
 * To update the prices, write a new file beside this one and name it in `bill.ts`.
 */

/** AWS's price of one metered thing in one region, with the page that states it. */
export interface Price {
  /** Price of `per` units in the first tier, in USD. */
  readonly usd: number;
  /** Further tiers in order, each from so many units a month on. @default one price for all */
  readonly tiers?: readonly { readonly from: number; readonly usd: number }[];
  readonly per: number;
  readonly unit: string;
  readonly source: string;
}

const MILLION = 1_000_000;
const IOT = "https://aws.amazon.com/iot-core/pricing/";
const DYNAMODB = "https://aws.amazon.com/dynamodb/pricing/on-demand/";
const LAMBDA = "https://aws.amazon.com/lambda/pricing/";
const CLOUDWATCH = "https://aws.amazon.com/cloudwatch/pricing/";
const SNS = "https://aws.amazon.com/sns/pricing/";
const EVENTBRIDGE = "https://aws.amazon.com/eventbridge/pricing/";

/** AWS's list prices of November 2026 for us-east-1, in USD. */
export const PRICES_2026_11 = {
  date: "2026-11",
  region: "us-east-1",
  /** Always free in each account, a month: "Always free" of https://aws.amazon.com/free/ and the pages named below. */
  free: {
    alarms: 10,
    metrics: 10,
    dashboards: 3,
    logsGb: 5,
    storageGb: 25,
    lambdaRequests: MILLION,
    lambdaGbS: 400_000,
    schedulerInvocations: 14 * MILLION,
    queueRequests: MILLION,
    notices: MILLION,
    noticeMails: 1_000,
  },
  prices: {
    connectionMinutes: { usd: 0.08, per: MILLION, unit: "minute connected", source: IOT },
    // A message has up to 5 KB; a CONNECT is one: https://aws.amazon.com/iot-core/pricing/additional-details/
    messages: {
      usd: 1,
      tiers: [
        { from: 1_000 * MILLION, usd: 0.8 },
        { from: 5_000 * MILLION, usd: 0.7 },
      ],
      per: MILLION,
      unit: "message",
      source: IOT,
    },
    rulesTriggered: { usd: 0.15, per: MILLION, unit: "rule triggered", source: IOT },
    actions: { usd: 0.15, per: MILLION, unit: "action", source: IOT },
    writeUnits: { usd: 0.625, per: MILLION, unit: "write of up to 1 KB", source: DYNAMODB },
    readUnits: { usd: 0.125, per: MILLION, unit: "read of up to 4 KB", source: DYNAMODB },
    storageGb: { usd: 0.25, per: 1, unit: "GB-month", source: DYNAMODB },
    recoveryGb: { usd: 0.2, per: 1, unit: "GB-month", source: DYNAMODB },
    lambdaRequests: { usd: 0.2, per: MILLION, unit: "invocation", source: LAMBDA },
    lambdaGbS: { usd: 0.0000133334, per: 1, unit: "GB-second, arm64", source: LAMBDA },
    schedulerInvocations: { usd: 1, per: MILLION, unit: "invocation", source: EVENTBRIDGE },
    busEvents: { usd: 1, per: MILLION, unit: "event of 64 KB", source: EVENTBRIDGE },
    queueRequests: {
      usd: 0.4,
      per: MILLION,
      unit: "request",
      source: "https://aws.amazon.com/sqs/pricing/",
    },
    notices: { usd: 0.5, per: MILLION, unit: "publish of 64 KB", source: SNS },
    noticeMails: { usd: 2, per: 100_000, unit: "mail by SNS", source: SNS },
    // For accounts that are new since July 2026; older ones pay 0.10.
    mails: {
      usd: 0.16,
      per: 1_000,
      unit: "mail and recipient",
      source: "https://aws.amazon.com/ses/pricing/",
    },
    logsGb: { usd: 0.5, per: 1, unit: "GB taken in", source: CLOUDWATCH },
    alarms: { usd: 0.1, per: 1, unit: "metric in an alarm and month", source: CLOUDWATCH },
    dashboards: { usd: 3, per: 1, unit: "dashboard and month", source: CLOUDWATCH },
    metrics: {
      usd: 0.3,
      tiers: [
        { from: 10_000, usd: 0.1 },
        { from: 250_000, usd: 0.05 },
        { from: MILLION, usd: 0.02 },
      ],
      per: 1,
      unit: "custom metric and month",
      source: CLOUDWATCH,
    },
    secrets: {
      usd: 0.4,
      per: 1,
      unit: "secret and month",
      source: "https://aws.amazon.com/secrets-manager/pricing/",
    },
  },
} as const satisfies {
  readonly date: string;
  readonly region: string;
  readonly free: Readonly<Record<string, number>>;
  readonly prices: Readonly<Record<string, Price>>;
};
