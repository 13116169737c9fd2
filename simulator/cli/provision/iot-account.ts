/** AWS IoT as its owner calls it, with errors that say what to do. */
import {
  DescribeCertificateCommand,
  DescribeEndpointCommand,
  IoTClient,
  UpdateCertificateCommand,
} from "@aws-sdk/client-iot";
import { UsageError } from "../shared/arguments.ts";
import type { DeviceOutputs } from "../shared/stack-outputs.ts";

/** The account that the backend was deployed to. Every operation throws UsageError. */
export interface IotAccount {
  /** Where devices connect: `…-ats.iot.us-east-1.amazonaws.com`. */
  dataEndpoint(): Promise<string>;
  certificate(id: string): Promise<{ readonly pem: string; readonly status: string }>;
  setStatus(id: string, status: "INACTIVE" | "REVOKED"): Promise<void>;
  close(): void;
}

/**
 * Credentials as the AWS CLI finds them; the region is that of the deploy.
 * @param environment the process's: its region must not be another
 * @throws UsageError when it is
 */
export function openIot(
  { region, file }: DeviceOutputs,
  environment: Readonly<Record<string, string | undefined>>,
): IotAccount {
  for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const set = environment[name];
    if (set !== undefined && set !== "" && set !== region)
      throw new UsageError(
        `${name} is ${set}, but ${file} is of a deploy to ${region}: unset it, or give that region's file with --outputs`,
      );
  }
  const client = new IoTClient({ region });
  const asked = <T>(what: string, request: Promise<T>): Promise<T> =>
    request.catch((error: Error) => {
      throw new UsageError(`${what} in ${region}: ${error.name}: ${error.message}${adviceFor(error)}`);
    });
  return {
    dataEndpoint: async () => {
      const command = new DescribeEndpointCommand({ endpointType: "iot:Data-ATS" });
      const { endpointAddress } = await asked("the endpoint cannot be asked for", client.send(command));
      if (endpointAddress === undefined) throw new UsageError(`AWS IoT names no endpoint in ${region}`);
      return endpointAddress;
    },
    certificate: async (id) => {
      const command = new DescribeCertificateCommand({ certificateId: id });
      const { certificateDescription: found } = await asked(
        `the certificate ${id} cannot be read`,
        client.send(command),
      );
      if (found?.certificatePem === undefined)
        throw new UsageError(`AWS IoT answers without the certificate ${id}`);
      return { pem: found.certificatePem, status: found.status ?? "unknown" };
    },
    setStatus: async (id, status) => {
      const command = new UpdateCertificateCommand({ certificateId: id, newStatus: status });
      await asked(`the certificate ${id} cannot be set to ${status}`, client.send(command));
    },
    close: () => client.destroy(),
  };
}

/** Names of errors by which AWS says that it does not know who asks. */
const UNKNOWN_CALLER =
  /^(UnrecognizedClient|InvalidSignature|ExpiredToken|InvalidClientTokenId|IncompleteSignature|MissingAuthenticationToken|Unauthorized)/;

function adviceFor(error: Error): string {
  const { name } = error;
  const { code } = error as NodeJS.ErrnoException;
  if (name === "CredentialsProviderError")
    return ". Provide credentials as for the AWS CLI: AWS_PROFILE, or aws configure, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
  if (UNKNOWN_CALLER.test(name)) return ". AWS rejects these credentials: renew them";
  if (name === "ResourceNotFoundException")
    return ". Check that these credentials are of the account of the deploy, and that the outputs are of the last deploy: deploy again, or change AWS_PROFILE";
  if (/^AccessDenied|^Forbidden/.test(name))
    return ". These credentials lack a permission: iot:DescribeEndpoint, iot:DescribeCertificate and iot:UpdateCertificate are needed";
  if (code === "ENOTFOUND" || code === "ECONNREFUSED" || code === "ETIMEDOUT")
    return ". Check that this machine is online";
  return "";
}
