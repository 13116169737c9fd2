/**
 * The part of AWS IoT's control plane that provisioning uses: DescribeEndpoint, DescribeCertificate, UpdateCertificate.
 *
 * Source: AWS IoT API reference. The endpoint has its port with it, which AWS's never need. Not emulated, and refused by
 * name: every other operation, and endpoints of other types than iot:Data-ATS. Open connections of a certificate that is
 * no longer active are left alone, where AWS ends them within minutes.
 */
import { type Answer, type Front, type FrontRequest, startServer } from "./server.ts";

export interface IotFrontOptions {
  /** Host and port of the broker. */
  readonly endpoint: () => string;
  /** `arn:aws:iot:REGION:ACCOUNT:cert/` */
  readonly certificateArnPrefix: string;
  readonly find: (certificateId: string) => { readonly certPem: string; readonly status: string } | undefined;
  readonly setStatus: (certificateId: string, status: string) => void;
  /** Undefined: allowed. */
  readonly refuse: (accessKeyId: string, action: string, resource: string) => string | undefined;
  readonly onDenied: (text: string) => void;
  readonly onError: (error: unknown) => void;
}

const CERTIFICATE = /^\/certificates\/([0-9a-f]{64})$/;
/** Those that a request may set ("UpdateCertificate"). */
const STATUSES = ["ACTIVE", "INACTIVE", "REVOKED"];

export const startIotFront = (options: IotFrontOptions): Promise<Front> =>
  startServer({
    what: "AWS IoT",
    answer: async (request) => answerTo(request, options),
    onError: options.onError,
  });

function answerTo(request: FrontRequest, options: IotFrontOptions): Answer {
  const refused = (status: number, code: string, message: string): Answer => {
    options.onDenied(`${code}: ${message}`);
    return json(status, { message }, { "x-amzn-errortype": code });
  };
  const { method, accessKeyId } = request;
  const url = new URL(request.path, "http://iot");
  if (accessKeyId === undefined) return refused(401, "UnauthorizedException", "the request is not signed");
  const denied = (action: string, resource: string) => options.refuse(accessKeyId, action, resource);

  if (method === "GET" && url.pathname === "/endpoint") {
    const type = url.searchParams.get("endpointType");
    if (type !== "iot:Data-ATS")
      return refused(400, "InvalidRequestException", `the endpoint ${type} is not emulated; iot:Data-ATS is`);
    const why = denied("iot:DescribeEndpoint", "*");
    if (why !== undefined) return refused(403, "ForbiddenException", why);
    return json(200, { endpointAddress: options.endpoint() });
  }

  const id = CERTIFICATE.exec(url.pathname)?.[1];
  if (id === undefined || !["GET", "PUT"].includes(method))
    return refused(
      400,
      "InvalidRequestException",
      `${method} ${url.pathname} is not emulated; DescribeEndpoint, DescribeCertificate and UpdateCertificate are`,
    );
  const arn = `${options.certificateArnPrefix}${id}`;
  const action = method === "GET" ? "iot:DescribeCertificate" : "iot:UpdateCertificate";
  const why = denied(action, arn);
  if (why !== undefined) return refused(403, "ForbiddenException", why);
  const found = options.find(id);
  if (found === undefined) return refused(404, "ResourceNotFoundException", `there is no certificate ${id}`);
  if (method === "GET")
    return json(200, {
      certificateDescription: {
        certificateArn: arn,
        certificateId: id,
        status: found.status,
        certificatePem: found.certPem,
      },
    });
  const status = url.searchParams.get("newStatus") ?? "";
  if (!STATUSES.includes(status))
    return refused(400, "InvalidRequestException", `a certificate cannot be set to "${status}"`);
  options.setStatus(id, status);
  return json(200, {});
}

const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body),
});
