#!/bin/sh
# Puts Backtrack's stream, store and engine beside the functions on a faasd host. Run it as root, from this folder, after
# `npm run openfaas -- secrets`; run it again after a change. FAASD_FOLDER and IMAGE may be set.
set -eu
cd "$(dirname "$0")"
faasd=${FAASD_FOLDER:-/var/lib/faasd}
image=${IMAGE:-localhost:5000/backtrack-engine:0.1.0}
secrets=../kubernetes/secrets
compose=$faasd/docker-compose.yaml
owner=${OWNER:-10001}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}
[ -f "$compose" ] || fail "$compose is missing: is faasd installed here?"
[ -f "$secrets/nats-token" ] || fail "$secrets/nats-token is missing: npm run openfaas -- secrets"
# Ours are appended, so nothing else may follow.
last=$(grep -E '^[A-Za-z_-]+:' "$compose" | tail -n 1)
[ "$last" = services: ] || fail "$compose must end with its services, and ends with '$last'"

mkdir -p "$faasd/backtrack"
for folder in nats store inbox secrets; do
  mkdir -p "$faasd/backtrack/$folder"
  chown "$owner" "$faasd/backtrack/$folder"
  chmod 0700 "$faasd/backtrack/$folder"
done
for secret in backtrack-invoke-token backtrack-access-key-id backtrack-secret-access-key nats-token; do
  install -o "$owner" -m 0400 "$secrets/$secret" "$faasd/backtrack/secrets/$secret"
done
install -m 0644 ../kubernetes/nats/nats.conf "$faasd/backtrack/nats.conf"
# What somebody chose stays.
[ -f "$faasd/backtrack/sync.conf" ] || install -m 0644 ../kubernetes/nats/sync.conf "$faasd/backtrack/sync.conf"
install -m 0755 keep-running.sh "$faasd/backtrack/keep-running.sh"

# Between two marks, so that a later run replaces what an earlier one put there.
without=$(sed '/^# Backtrack begins/,/^# Backtrack ends/d' "$compose")
{
  printf '%s\n' "$without"
  echo '# Backtrack begins'
  sed "s|image: localhost:5000/backtrack-engine:0.1.0|image: $image|" services.yaml
  echo '# Backtrack ends'
} >"$compose.new"
# The longest call of a function has to end within it.
sed -i 's/^\( *- \)\(read_timeout\|write_timeout\)=60s$/\1\2=935s/; s/^\( *- \)upstream_timeout=65s$/\1upstream_timeout=930s/' "$compose.new"
mv "$compose.new" "$compose"
echo "install.sh: changed $compose; now: systemctl restart faasd"
