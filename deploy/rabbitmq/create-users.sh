#!/usr/bin/env bash
# Creates the users of the cluster's gateways, with the rights that they need and no others. Run it once, on any node, as root.
# A second run changes the passwords.
#
#   create-users.sh INGEST_PASSWORD_FILE EDGE_PASSWORD_FILE [PREFIX]
#
# Each file has a password in its first line. PREFIX is that of --amqp-prefix (default kisfeed). RABBITMQCTL is another rabbitmqctl.
set -euo pipefail

if [[ ${1:-} == --help || ${1:-} == -h || $# -lt 2 || $# -gt 3 ]]; then
  sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
  [[ ${1:-} == --help || ${1:-} == -h ]]
  exit
fi

prefix=${3:-kisfeed}
if [[ ! $prefix =~ ^[A-Za-z0-9._-]+$ ]]; then
  echo "create-users.sh: '$prefix' is not a valid prefix. Use letters, digits, dots, hyphens and underscores." >&2
  exit 1
fi

read -ra control <<<"${RABBITMQCTL:-rabbitmqctl -q}"
streams="^${prefix//./\\.}\\.[0-9]+-of-[0-9]+\$"
users=$("${control[@]}" list_users | cut -f1)

# create NAME PASSWORD_FILE CONFIGURE WRITE READ: the password goes through standard input, because arguments are visible to all
# users of the machine.
create() {
  local name=$1 file=$2 password
  if ! IFS= read -r password <"$file" && [[ -z $password ]]; then
    echo "create-users.sh: $file is empty: write the password into its first line" >&2
    exit 1
  fi
  if grep -qxF "$name" <<<"$users"; then
    "${control[@]}" change_password "$name" <<<"$password"
  else
    "${control[@]}" add_user "$name" <<<"$password"
  fi
  "${control[@]}" set_permissions -p / "$name" "$3" "$4" "$5"
  echo "$name: configure '$3', write '$4', read '$5'"
}

# An ingest creates the streams and publishes through the default exchange. An edge only reads.
create kisfeed_ingest "$1" "$streams" '^amq\.default$' '^$'
create kisfeed_edge "$2" '^$' '^$' "$streams"

if grep -qxF guest <<<"$users"; then
  "${control[@]}" delete_user guest
  echo "guest: deleted"
fi
