/**
 * The broker's TLS side: it accepts clients with a registered certificate, and logs in plain words why it refuses
 * others.
 *
 * The TLS library asks for a certificate, but this file judges it: the library would close a stranger's connection
 * without a reason for the log. So a stranger's handshake succeeds and its connection is closed before it is read from,
 * where AWS IoT sends a TLS alert.
 *
 * Not emulated: SNI and custom domains, MQTT over WebSocket, and the rule that port 443 demands ALPN.
 */
import type { Server as NetServer, Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { certificateId } from "./certificate-id.ts";

/** Which client certificates are accepted, and the server's own. */
export interface TlsFrontOptions {
  /** The server's own certificate and key, PEM. */
  readonly server: { readonly certPem: string; readonly keyPem: string };
  /** The CA that device certificates must be signed by, PEM. */
  readonly caPem: string;
  /** Where a person finds that CA as a file, for the advice in a log line. */
  readonly caPath?: string | undefined;
  /** Whether a certificate id is registered. */
  readonly isKnown: (certificateId: string) => boolean;
  readonly onDevice: (socket: TLSSocket, certificateId: string) => void;
  /**
   * Takes a refusal. Not called for a connection that ends without data, as those of port scanners and health checks.
   */
  readonly onRefused: (text: string, from: string) => void;
}

/** The TLS server, and a way to end its connections. */
export interface TlsFront {
  readonly server: NetServer;
  /** Closes every connection at once, in whatever state. */
  destroyAll(): void;
}

/**
 * Protocols that a client may offer: "x-amzn-mqtt-ca" is AWS IoT's on port 443 ("Device communication protocols"). None
 * is accepted too.
 */
const ALPN = ["x-amzn-mqtt-ca", "mqtt"];
const HANDSHAKE_MS_MAX = 30_000;

/** A TLS server that is not listening yet. */
export function createTlsFront(options: TlsFrontOptions): TlsFront {
  const open = new Set<Socket>();
  const server = createServer({
    cert: options.server.certPem,
    key: options.server.keyPem,
    ca: options.caPem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.2",
    ALPNProtocols: ALPN,
    noDelay: true,
    handshakeTimeout: HANDSHAKE_MS_MAX,
  });
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  server.on("secureConnection", (socket) => admit(socket, options));
  server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
    const text = explainTlsError(error, options.caPath);
    if (text !== undefined) options.onRefused(text, addressOf(socket));
    socket.destroy();
  });
  return {
    server,
    destroyAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

function admit(socket: TLSSocket, { isKnown, onDevice, onRefused }: TlsFrontOptions): void {
  const der = socket.getPeerX509Certificate()?.raw;
  const id = der === undefined ? undefined : certificateId(der);
  const refusal = refusalOf(socket, id, isKnown);
  if (refusal === undefined && id !== undefined) {
    onDevice(socket, id);
    return;
  }
  socket.on("error", () => undefined); // the client may still be writing
  onRefused(refusal ?? "", addressOf(socket));
  socket.destroy();
}

function refusalOf(
  socket: TLSSocket,
  id: string | undefined,
  isKnown: (certificateId: string) => boolean,
): string | undefined {
  if (id === undefined) {
    return "no client certificate: connect with the certificate and key of a node (mosquitto_pub: --cert and --key)";
  }
  if (!socket.authorized) return explainVerifyError(String(socket.authorizationError));
  if (!isKnown(id))
    return `certificate ${id} is not registered here: use the certificate that was issued for this run`;
  return undefined;
}

/** @param code OpenSSL's verification error, as Node names it. */
function explainVerifyError(code: string): string {
  if (code === "CERT_HAS_EXPIRED") return "client certificate has expired: issue a new one";
  if (code === "CERT_NOT_YET_VALID")
    return "client certificate is not valid yet: check both machines' clocks";
  return `client certificate is not signed by this cloud's CA (${code}): use the certificate that was issued for this run`;
}

/** Why a handshake failed, in a line for the log; undefined: the client only closed the connection. */
export function explainTlsError(
  { code = "", message }: { code?: string | undefined; message: string },
  caPath: string | undefined,
): string | undefined {
  const trust = `give it this cloud's CA (mosquitto_pub: --cafile ${caPath ?? "PATH"})`;
  const named = CLIENT_ALERTS.get(code);
  if (named !== undefined) return `client rejected our certificate: ${named}: ${trust}`;
  switch (code) {
    case "ECONNRESET":
    case "EPIPE":
      return undefined;
    case "ERR_SSL_WRONG_VERSION_NUMBER":
    case "ERR_SSL_HTTP_REQUEST":
    case "ERR_SSL_PACKET_LENGTH_TOO_LONG":
    case "ERR_SSL_UNKNOWN_PROTOCOL":
      return `client does not speak TLS: this port takes MQTT over mutual TLS only; ${trust}`;
    case "ERR_SSL_UNSUPPORTED_PROTOCOL":
    case "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION":
      return "client speaks neither TLS 1.2 nor TLS 1.3";
    case "ERR_SSL_NO_APPLICATION_PROTOCOL":
      return `client offers an ALPN protocol that is none of ${ALPN.join(", ")}: offer one of them, or none`;
    case "ERR_TLS_HANDSHAKE_TIMEOUT":
      return "client did not finish the TLS handshake in time";
    default:
      return `TLS handshake failed: ${message.trim()}`;
  }
}

/** TLS alerts (RFC 8446, 6.2) by which a client says that it distrusts the server's certificate. */
const CLIENT_ALERTS: ReadonlyMap<string, string> = new Map([
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "unknown ca"],
  ["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "bad certificate"],
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "bad certificate"],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "certificate unknown"],
  ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN", "certificate unknown"],
  ["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "certificate expired"],
  ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED", "certificate expired"],
]);

const addressOf = ({ remoteAddress, remotePort }: Socket): string =>
  remoteAddress === undefined ? "a client that is gone" : `${remoteAddress}:${remotePort}`;
