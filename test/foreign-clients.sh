#!/usr/bin/env bash
# Clients that are not ours against `npm run cloud`: mosquitto over TLS 1.2 and 1.3, the AWS CLI for DynamoDB, SES and SQS,
# a Python MQTT client. Starts a cloud of its own, on free ports. A step whose client is not installed is skipped by name.
#
#   test/foreign-clients.sh
#
# On Debian: apt install mosquitto-clients awscli python3-paho-mqtt
# Exit code: 0 no step failed, 1 one did.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
node simulator/cli/start.mjs cloud --json --keys "$work/keys" --mqtt-port 0 --dynamodb-port 0 --ses-port 0 \
  >"$work/cloud.json" 2>"$work/log" &
cloud=$!
finish() {
  kill -INT "$cloud" 2>/dev/null && wait "$cloud" || true
  rm -rf "$work"
}
trap finish EXIT

# Waits until the command succeeds, for 60 s.
eventually() {
  local tries
  for tries in $(seq 600); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  return 1
}
ready() { grep -q '^}' "$work/cloud.json" || ! kill -0 "$cloud" 2>/dev/null; }
eventually ready
grep -q '^}' "$work/cloud.json" || { cat "$work/log" >&2; exit 1; }

fact() { node -p "JSON.parse(require('fs').readFileSync('$work/cloud.json', 'utf8'))$1"; }
port=$(fact .mqtt.port)
ca=$(fact .mqtt.ca)
# A node whose CSR is in devices/ keeps the key that was provisioned.
node=$(node -p "const { nodes } = JSON.parse(require('fs').readFileSync('$work/cloud.json', 'utf8')); nodes.length > 0 ? '.nodes[0]' : '.provisioned[0]'")
thing=$(fact "$node.thing")
cert=$(fact "$node.cert")
key=$(fact "$node.key ?? '.ha2m/devices/${thing%-*}/$thing.key.pem'")
[ -r "$key" ] || { echo "$key cannot be read: run this where npm run provision wrote it, or without devices/" >&2; exit 1; }
region=$(fact .dynamodb.region)
readings=$(fact '.dynamodb.tables.find((name) => /Readings/.test(name))')
sender=$(fact .outputs.Ha2mPipeline.SenderIdentity)
errors=$(fact .sqs.queues.ReadingsRuleErrors)
own="rosie/reading/${thing%-*}/${thing##*-}"
another="rosie/reading/${thing%-*}/6"
yet_another="rosie/reading/${thing%-*}/7"

failed=0
# step NAME COMMAND...: runs it, and says what came of it.
step() {
  local name=$1
  shift
  if "$@" >"$work/out" 2>&1; then
    echo "ok       $name"
  else
    echo "FAILED   $name"
    sed 's/^/         /' "$work/out"
    failed=1
  fi
}
# refused WHY COMMAND...: it fails, and the cloud's log says why.
refused() {
  local why=$1
  shift
  if "$@"; then return 1; fi
  eventually grep -q -- "$why" "$work/log"
}
has() {
  command -v "$1" >/dev/null && return 0
  echo "skipped  $2: $1 is not installed"
  return 1
}

reading() {
  printf '{"v":1,"measured_at":"%s","temperature_c":21.5,"seq":0,"term":0,"sleep_s":900,"battery_mv":5000,"unwritable_eeproms":0,"suspects":0}' "$1"
}
sent=0
stored() { [ "$(grep -c 'info  rule ha2m_readings: message of' "$work/log")" -ge "$sent" ]; }
queued() { grep -q 'queue .*ReadingsRuleErrors.*arrived' "$work/log"; }

# mosquitto
publish() { # VERSION TOPIC MESSAGE
  timeout 30 mosquitto_pub -h localhost -p "$port" --cafile "$ca" --cert "$cert" --key "$key" \
    --tls-version "$1" -V mqttv311 -i "$thing" -q 1 -t "$2" -m "$3"
}
publish_and_see() {
  publish "$1" "$own" "$(reading "$2")"
  sent=$((sent + 1))
  eventually stored
}
without_certificate() {
  timeout 30 mosquitto_pub -h localhost -p "$port" --cafile "$ca" -i "$thing" -q 1 -t "$own" -m x
}
bad_reading() {
  publish tlsv1.3 "$own" '{"v":1,"temperature_c":"warm"}'
  eventually queued
}
if has mosquitto_pub "mosquitto, TLS 1.2 and 1.3"; then
  step "mosquitto, TLS 1.2: a reading is stored" publish_and_see tlsv1.2 2026-01-01T00:00:00.000Z
  step "mosquitto, TLS 1.3: a reading is stored" publish_and_see tlsv1.3 2026-01-01T00:15:00.000Z
  step "mosquitto: what is no reading is kept in the error queue" bad_reading
  step "mosquitto: another node's topic is refused" refused "may not publish to $another" publish tlsv1.3 "$another" "$(reading 2026-01-01T00:30:00.000Z)"
  step "mosquitto: no certificate, no connection" refused "no client certificate" without_certificate
fi

# Python
python_publish() { # VERSION TOPIC MESSAGE
  timeout 60 python3 - "$port" "$ca" "$cert" "$key" "$thing" "$@" <<'PY'
import ssl, sys, time
import paho.mqtt.client as mqtt

port, ca, cert, key, thing, version, topic, message = sys.argv[1:]
api = getattr(mqtt, "CallbackAPIVersion", None)
client = mqtt.Client(client_id=thing) if api is None else mqtt.Client(api.VERSION2, client_id=thing)
context = ssl.create_default_context(cafile=ca)
context.load_cert_chain(cert, key)
context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
client.tls_set_context(context)
# A client that is cut off connects again; the acknowledgement is what counts.
client.connect("localhost", int(port), keepalive=30)
client.loop_start()
sent = client.publish(topic, message, qos=1)
deadline = time.monotonic() + 5
while not sent.is_published() and time.monotonic() < deadline:
    time.sleep(0.05)
client.loop_stop()
client.disconnect()
sys.exit(0 if sent.is_published() else 1)
PY
}
python_publish_and_see() {
  python_publish "$1" "$own" "$(reading "$2")"
  sent=$((sent + 1))
  eventually stored
}
if has python3 "Python MQTT client"; then
  if python3 -c 'import paho.mqtt.client' 2>/dev/null; then
    step "paho, TLS 1.2: a reading is stored" python_publish_and_see TLSv1_2 2026-01-02T00:00:00.000Z
    step "paho, TLS 1.3: a reading is stored" python_publish_and_see TLSv1_3 2026-01-02T00:15:00.000Z
    step "paho: another node's topic is refused" refused "may not publish to $yet_another" python_publish TLSv1_3 "$yet_another" "$(reading 2026-01-02T00:30:00.000Z)"
  else
    echo "skipped  Python MQTT client: paho-mqtt is not installed"
  fi
fi

# The AWS CLI
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_EC2_METADATA_DISABLED=true AWS_PAGER=""
unset AWS_PROFILE AWS_SESSION_TOKEN
aws_at() { # ENDPOINT ARGUMENTS...
  local endpoint=$1
  shift
  timeout 60 aws --region "$region" --endpoint-url "$endpoint" "$@"
}
put_reading() {
  aws_at "$(fact .dynamodb.endpoint)" dynamodb put-item --table-name "$readings" --item \
    '{"cluster_id":{"S":"kitchen"},"reading_key":{"S":"2026-01-03T00:00:00.000Z#0"},"temperature_c":{"N":"21.5"}}'
}
count_is() {
  local counted
  counted=$(aws_at "$(fact .dynamodb.endpoint)" dynamodb scan --table-name "$readings" --query Count --output text)
  echo "counted $counted, expected $1"
  [ "$counted" = "$1" ]
}
query() {
  aws_at "$(fact .dynamodb.endpoint)" dynamodb query --table-name "$readings" \
    --key-condition-expression 'cluster_id = :c AND begins_with(reading_key, :day)' \
    --expression-attribute-values '{":c":{"S":"kitchen"},":day":{"S":"2026-01-03"}}' \
    --query 'Items[0].temperature_c.N' --output text | grep -qx 21.5
}
mail_from() {
  aws_at "$(fact .ses.endpoint)" ses send-email --from "$1" --to you@example.com \
    --subject "from the AWS CLI" --text hello
}
raw_mail() {
  local mail="From: $sender\nTo: you@example.com\nSubject: raw, from the AWS CLI\n\nhello\n"
  # The first version of the CLI takes bytes as they are, the second in base64.
  case $(aws --version 2>&1) in
    aws-cli/1.*) printf '{"Data":"%s"}' "$mail" ;;
    *) printf '{"Data":"%s"}' "$(printf '%b' "$mail" | base64 -w0)" ;;
  esac >"$work/raw.json"
  aws_at "$(fact .ses.endpoint)" ses send-raw-email --raw-message "file://$work/raw.json"
}
arrived() { grep -q "ses: mail to you@example.com: $1" "$work/log"; }
waiting_is() {
  aws_at "$(fact .sqs.endpoint)" sqs get-queue-attributes --queue-url "$errors" \
    --attribute-names ApproximateNumberOfMessages --query Attributes.ApproximateNumberOfMessages --output text |
    grep -qx "$1"
}
if has aws "AWS CLI for DynamoDB, SES, SQS"; then
  step "aws dynamodb put-item" put_reading
  step "aws dynamodb scan: as many as were sent, and that one" count_is $((sent + 1))
  step "aws dynamodb query" query
  step "aws ses send-email" mail_from "$sender"
  step "aws ses send-email: it is in the inbox" eventually arrived "from the AWS CLI"
  step "aws ses send-raw-email" raw_mail
  step "aws ses send-raw-email: it is in the inbox" eventually arrived "raw, from the AWS CLI"
  step "aws ses send-email from a stranger: refused" refused "not verified.*stranger@example.net" mail_from stranger@example.net
  step "aws sqs get-queue-attributes" waiting_is "$(grep -c 'ReadingsRuleErrors.*arrived' "$work/log" || true)"
fi

exit "$failed"
