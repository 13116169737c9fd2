/**
 * The part of AWS IoT's control plane by which nodes are provisioned and managed: DescribeEndpoint, certificates and
 * what they are attached to, topic rules and whether they are enabled.
 *
 * Source: AWS IoT API reference. Refused by name: every other operation, and endpoints of other types than
 * iot:Data-ATS. Deviations: the endpoint includes its port, which AWS's does not need; a list is one page; the open
 * connections of a certificate that is no longer active stay open, where AWS ends them within minutes.
 */
import { X509Certificate } from "node:crypto";
import type { KnownCertificate } from "../iot/identities.ts";
import { type Front, type FrontRequest, type HttpResponse, startServer } from "./server.ts";

/** Certificates, policies and rules as the API describes them, and who may ask. */
export interface IotFrontOptions {
  /** Host and port of the broker. */
  readonly endpoint: () => string;
  /** `arn:aws:iot:REGION:ACCOUNT:` */
  readonly arnPrefix: string;
  readonly find: (certificateId: string) => KnownCertificate | undefined;
  /** Ids of a thing's certificates; undefined when there is no such thing. */
  readonly certificatesOf: (thingName: string) => readonly string[] | undefined;
  readonly setStatus: (certificateId: string, status: string) => void;
  readonly rules: () => readonly { readonly name: string; readonly arn: string; readonly enabled: boolean }[];
  /** @returns false: there is no such rule */
  readonly setRuleEnabled: (name: string, enabled: boolean) => boolean;
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

/** One operation; `of` is the name or id in its path. */
interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  /** What the caller's policies are asked about, after the prefix of the ARN. @default "*" */
  readonly resource?: (of: string) => string;
  /** @throws Refusal */
  readonly run: (of: string, url: URL, options: IotFrontOptions) => object;
}

class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  constructor(status: number, code: string, text: string) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

/** The statuses that a request may set ("UpdateCertificate"). */
const STATUSES = ["ACTIVE", "INACTIVE", "REVOKED"];
const CERTIFICATE = /^\/certificates\/([0-9a-f]{64})$/;
const cert = (id: string): string => `cert/${id}`;
const rule = (name: string): string => `rule/${name}`;

const OPERATIONS: readonly Operation[] = [
  { name: "DescribeEndpoint", method: "GET", path: /^\/endpoint$/, run: describeEndpoint },
  { name: "DescribeCertificate", method: "GET", path: CERTIFICATE, resource: cert, run: describeCertificate },
  { name: "UpdateCertificate", method: "PUT", path: CERTIFICATE, resource: cert, run: updateCertificate },
  {
    name: "ListThingPrincipals",
    method: "GET",
    path: /^\/things\/([^/]+)\/principals$/,
    run: listThingPrincipals,
  },
  {
    name: "ListAttachedPolicies",
    method: "POST",
    path: /^\/attached-policies\/(.+)$/,
    run: listAttachedPolicies,
  },
  { name: "ListTopicRules", method: "GET", path: /^\/rules$/, run: listTopicRules },
  {
    name: "EnableTopicRule",
    method: "POST",
    path: /^\/rules\/(\w+)\/enable$/,
    resource: rule,
    run: (of, _, options) => setRule(of, true, options),
  },
  {
    name: "DisableTopicRule",
    method: "POST",
    path: /^\/rules\/(\w+)\/disable$/,
    resource: rule,
    run: (of, _, options) => setRule(of, false, options),
  },
];

/** The AWS IoT control API, as far as commands and deploys of this project call it. */
export const startIotFront = (options: IotFrontOptions): Promise<Front> =>
  startServer({
    what: "AWS IoT",
    answer: async (request) => answerTo(request, options),
    onError: options.onError,
  });

function answerTo({ method, path, accessKeyId }: FrontRequest, options: IotFrontOptions): HttpResponse {
  const url = new URL(path, "http://iot");
  try {
    if (accessKeyId === undefined)
      throw new Refusal(401, "UnauthorizedException", "the request is not signed");
    for (const { name, method: wanted, path: pattern, resource, run } of OPERATIONS) {
      const found = method === wanted ? pattern.exec(url.pathname) : null;
      if (found === null) continue;
      const of = decodeURIComponent(found[1] ?? "");
      const arn = resource === undefined ? "*" : `${options.arnPrefix}${resource(of)}`;
      const why = options.refuse(accessKeyId, `iot:${name}`, arn);
      if (why !== undefined) throw new Refusal(403, "ForbiddenException", why);
      return json(200, run(of, url, options));
    }
    const names = OPERATIONS.map(({ name }) => name);
    throw new Refusal(
      400,
      "InvalidRequestException",
      `${method} ${url.pathname} is not emulated; these are: ${names.join(", ")}`,
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    options.onDenied(`${error.code}: ${error.message}`);
    return json(error.status, { message: error.message }, { "x-amzn-errortype": error.code });
  }
}

function describeEndpoint(_: string, url: URL, { endpoint }: IotFrontOptions): object {
  const type = url.searchParams.get("endpointType");
  if (type === "iot:Data-ATS") return { endpointAddress: endpoint() };
  throw new Refusal(400, "InvalidRequestException", `the endpoint ${type} is not emulated; iot:Data-ATS is`);
}

function certificate(id: string, { find }: IotFrontOptions): KnownCertificate {
  const found = find(id);
  if (found !== undefined) return found;
  throw new Refusal(404, "ResourceNotFoundException", `there is no certificate ${id}`);
}

function describeCertificate(id: string, _: URL, options: IotFrontOptions): object {
  const { status, certPem } = certificate(id, options);
  const { validFrom, validTo } = new X509Certificate(certPem);
  return {
    certificateDescription: {
      certificateArn: `${options.arnPrefix}${cert(id)}`,
      certificateId: id,
      status,
      certificatePem: certPem,
      validity: { notBefore: Date.parse(validFrom) / 1_000, notAfter: Date.parse(validTo) / 1_000 },
    },
  };
}

function updateCertificate(id: string, url: URL, options: IotFrontOptions): object {
  certificate(id, options);
  const status = url.searchParams.get("newStatus") ?? "";
  if (!STATUSES.includes(status))
    throw new Refusal(400, "InvalidRequestException", `a certificate cannot be set to "${status}"`);
  options.setStatus(id, status);
  return {};
}

function listThingPrincipals(thing: string, _: URL, { certificatesOf, arnPrefix }: IotFrontOptions): object {
  const ids = certificatesOf(thing);
  if (ids === undefined) throw new Refusal(404, "ResourceNotFoundException", `there is no thing ${thing}`);
  return { principals: ids.map((id) => `${arnPrefix}${cert(id)}`) };
}

function listAttachedPolicies(target: string, _: URL, options: IotFrontOptions): object {
  const prefix = `${options.arnPrefix}${cert("")}`;
  if (!target.startsWith(prefix))
    throw new Refusal(
      400,
      "InvalidRequestException",
      `policies of ${target} are not emulated; those of certificates are`,
    );
  const { policyNames } = certificate(target.slice(prefix.length), options);
  const policies = policyNames.map((policyName) => ({
    policyName,
    policyArn: `${options.arnPrefix}policy/${policyName}`,
  }));
  return { policies };
}

function listTopicRules(_: string, __: URL, { rules }: IotFrontOptions): object {
  return {
    rules: rules().map(({ name, arn, enabled }) => ({
      ruleName: name,
      ruleArn: arn,
      ruleDisabled: !enabled,
    })),
  };
}

function setRule(name: string, enabled: boolean, { setRuleEnabled }: IotFrontOptions): object {
  if (setRuleEnabled(name, enabled)) return {};
  // As AWS does: the caller does not learn whether there is such a rule.
  throw new Refusal(401, "UnauthorizedException", `Access to topic rule '${name}' was denied`);
}

const json = (
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});
