/**
 * Reads a certificate signing request (PKCS #10), and refuses what AWS IoT would not sign.
 */
import "reflect-metadata"; // @peculiar/x509 resolves its algorithms through it and fails without, so it comes first.
import { Pkcs10CertificateRequest, type PublicKey } from "@peculiar/x509";

/** The content of a CSR. */
export interface Csr {
  /** A distinguished name: `CN=kitchen-0`. */
  readonly subject: string;
  /** The common names in its subject; a valid one has exactly one. */
  readonly commonNames: readonly string[];
  readonly publicKey: PublicKey;
}

const RSA_BITS_MIN = 2_048;
const CURVES: readonly string[] = ["P-256", "P-384", "P-521"];

/**
 * Reads a CSR. "AWS IoT accepts CSRs with an RSA key of at least 2048 bits or an ECC key of P-256, P-384 or P-521"
 * (CreateCertificateFromCsr).
 * @param where names the request in errors, e.g. its file.
 * @throws Error when it is no CSR, its own signature is wrong, or its key is one that AWS IoT refuses.
 */
export async function readCsr(csrPem: string, where: string): Promise<Csr> {
  const csr = parsed(csrPem, where);
  const algorithm = csr.publicKey.algorithm as { name: string; namedCurve?: string; modulusLength?: number };
  const accepted =
    CURVES.includes(algorithm.namedCurve ?? "") || (algorithm.modulusLength ?? 0) >= RSA_BITS_MIN;
  if (!accepted) {
    const found = algorithm.namedCurve ?? `${algorithm.name} ${algorithm.modulusLength ?? ""}`.trim();
    throw new Error(
      `${where}: key is ${found}; AWS IoT accepts RSA of ${RSA_BITS_MIN} bits or more, ${CURVES.join(", ")}`,
    );
  }
  if (!(await signedByItsKey(csr)))
    throw new Error(`${where}: the CSR is not signed by the key in it; make it again`);
  const { subject, publicKey } = csr;
  return { subject, publicKey, commonNames: csr.subjectName.getField("CN") };
}

function parsed(csrPem: string, where: string): Pkcs10CertificateRequest {
  try {
    return new Pkcs10CertificateRequest(csrPem);
  } catch (cause) {
    throw new Error(`${where}: not a PEM certificate signing request (PKCS #10)`, { cause });
  }
}

/** Whether its own key signed it. The library throws for a malformed signature, which counts as a wrong one. */
const signedByItsKey = (csr: Pkcs10CertificateRequest): Promise<boolean> => csr.verify().catch(() => false);
