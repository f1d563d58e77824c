#!/usr/bin/env bash
# Runs a cluster on this machine, without an account: three RabbitMQ nodes, PostgreSQL, two simulators, two ingest gateways
# for the same two app keys, and two edge gateways with the dashboard. Prints how to kill each part and what to look at.
# Ctrl-C ends everything and deletes its files.
#
#   eng/cluster-demo.sh                    until Ctrl-C
#   eng/cluster-demo.sh --check SECONDS    kills an ingest and checks that its keys continue; the exit code is 0 only if they do
#
#   --kisfeed COMMAND    the command, instead of building it from this repository: /opt/kisfeed/kisfeed
#   --rate N             events a second of each simulator [200]
#   --keep-files         keep the logs and recordings
#   --install            install RabbitMQ and PostgreSQL (Debian, as root) if they are missing, without starting their services
#
# Needs bash 5.1, curl, .NET 10, Node.js 20.19 (for the dashboard), and the packages rabbitmq-server and postgresql of Debian. Uses
# free ports of 127.0.0.1 only, and 1 GB of memory. Each ingest has a simulator of its own, as if each had its own line to the
# broker; both have the same market.
set -uo pipefail

readonly root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly keys=index:0001,index:1001,index:2001,program:005930,program:000660
readonly start_limit=120   # seconds for one part
readonly stop_limit=15

check_seconds=0
command=
rate=200
keep_files=false
may_install=false
folder=
database_folder=
failed=false
declare -A pids=() ports=()
declare -A servers=()      # the processes of RabbitMQ and PostgreSQL, which are children of their scripts
started=()                 # names, in order

fail() {
  printf 'cluster-demo: %s\n' "$1" >&2
  failed=true
  exit 1
}

show_help() { sed -n '2,17s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; }

# value OPTION VALUE: the value of an option, which must exist.
value() {
  [[ -n ${2:-} ]] || fail "$1 needs a value. See --help."
  printf '%s' "$2"
}

read_arguments() {
  while (($#)); do
    case $1 in
      --check) check_seconds=$(value "$1" "${2:-}") || exit 1; shift ;;
      --kisfeed) command=$(value "$1" "${2:-}") || exit 1; shift ;;
      --rate) rate=$(value "$1" "${2:-}") || exit 1; shift ;;
      --keep-files) keep_files=true ;;
      --install) may_install=true ;;
      -h | --help) show_help; exit 0 ;;
      *) fail "'$1' is not an option. See --help." ;;
    esac
    shift
  done
  [[ $check_seconds =~ ^[0-9]+$ ]] || fail "--check: '$check_seconds' is not a number of seconds"
  [[ $rate =~ ^[0-9]+$ ]] || fail "--rate: '$rate' is not a number"
}

say() { printf '%s\n' "$*"; }

# newest PATTERN: the last file of a pattern that exists.
newest() {
  local file found=
  for file in "$@"; do
    [[ -x $file ]] && found=$file
  done
  printf '%s' "$found"
}

find_programs() {
  rabbitmq=$(newest /usr/lib/rabbitmq/lib/*/sbin/rabbitmq-server)
  initdb=$(newest /usr/lib/postgresql/*/bin/initdb)
}

# A service of the package would take ports and memory that the demo does not use.
install() {
  local policy=/usr/sbin/policy-rc.d has_policy=true
  [[ $(id -u) == 0 ]] && builtin command -v apt-get >/dev/null || fail "--install needs Debian and root"
  say "Installing $*; their services are not started"
  if [[ ! -e $policy ]]; then
    has_policy=false
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
  fi
  DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  $has_policy || rm -f "$policy"
}

require_programs() {
  local missing=()
  find_programs
  [[ -n $rabbitmq ]] || missing+=(rabbitmq-server)
  [[ -n $initdb ]] || missing+=(postgresql)
  builtin command -v curl >/dev/null || missing+=(curl)
  if ((${#missing[@]})); then
    $may_install || fail "missing: ${missing[*]}. Install them (apt-get install ${missing[*]}), or run this script as root with --install."
    install "${missing[@]}"
    find_programs
    [[ -n $rabbitmq && -n $initdb ]] || fail "${missing[*]} could not be installed"
  fi
  rabbitmq_bin=$(dirname "$rabbitmq")
  postgres_bin=$(dirname "$initdb")
}

build() {
  if [[ -n $command ]]; then
    kisfeed=("$command")
    return
  fi
  builtin command -v dotnet >/dev/null \
    || fail "the .NET SDK 10 is missing: https://dotnet.microsoft.com/download. Or name a command with --kisfeed."
  dotnet --version >/dev/null 2>&1 || export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  say "Building kisfeed (the first time takes a minute or two)"
  (cd "$root" && DOTNET_NOLOGO=1 dotnet build src/KisFeed.Cli -c Release --nologo -v quiet) || fail "the build failed"
  kisfeed=(dotnet exec "$root/artifacts/bin/KisFeed.Cli/release/KisFeed.Cli.dll")
}

# free_port NAME: a port that nobody listens on, below those that the system gives to connections.
free_port() {
  local port used
  while true; do
    port=$((20000 + (RANDOM << 15 | RANDOM) % 10000))
    for used in "${ports[@]}"; do
      [[ $used != "$port" ]] || continue 2
    done
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  ports[$1]=$port
}

# wait_for TEXT NAME COMMAND…: until the command succeeds; fails if the part NAME has ended, or after the limit.
wait_for() {
  local text=$1 name=$2 begin=$SECONDS
  shift 2
  until "$@"; do
    [[ -z $name ]] || is_running "$name" || fail "$name has ended: $(tail -n 5 "$folder/$name.log")"
    ((SECONDS - begin < start_limit)) || fail "$text: not done after $start_limit s. See $folder/$name.log (--keep-files keeps it)."
    [[ -t 1 ]] && printf '\r%s … %d s\e[K' "$text" $((SECONDS - begin))
    sleep 0.25
  done
  [[ -t 1 ]] && printf '\r\e[K'
  say "$text: $((SECONDS - begin)) s"
}

# Whether a process runs and was started by this script: process ids are reused, so none is signalled without this check. It is a child,
# or has the variable.
belongs() {
  local stat
  { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 1   # A bare return in a trap has the status from before the trap.
  read -r -a stat <<<"${stat##*) }"
  [[ ${stat[0]} != Z ]] || return 1
  [[ ${stat[1]} == "$$" ]] || { tr '\0' '\n' <"/proc/$1/environ" | grep -qxF "KISFEED_CLUSTER_DEMO=$folder"; } 2>/dev/null
}

is_running() { belongs "${pids[$1]:-none}"; }

listens() { (exec 3<>"/dev/tcp/127.0.0.1/${ports[$1]}") 2>/dev/null; }

answers() { curl -sf -o /dev/null --max-time 2 "http://127.0.0.1:${ports[$1]}$2"; }

# start NAME LINE…: writes a script with the lines, which also restarts the part by hand, and runs it.
start() {
  local name=$1
  shift
  printf '%s\n' '#!/usr/bin/env bash' "$@" >"$folder/$name.sh"
  chmod 700 "$folder/$name.sh"
  "$folder/$name.sh" >>"$folder/$name.log" 2>&1 </dev/null &
  pids[$name]=$!
  disown   # Its end is reported by watch_parts.
  started+=("$name")
}

start_postgres() {
  local as=() data=$database_folder/data
  [[ $(id -u) != 0 ]] || { as=(runuser -u postgres --); chown postgres "$database_folder"; }
  free_port postgres
  (umask 077; printf '%s\n' "$password" >"$database_folder/password")
  [[ $(id -u) != 0 ]] || chown postgres "$database_folder/password"
  (cd / && LC_ALL=C "${as[@]}" "$postgres_bin/initdb" -D "$data" -A scram-sha-256 --pwfile="$database_folder/password" -U kisfeed -E UTF8 \
    --locale=C --no-sync) >"$folder/initdb.log" 2>&1 \
    || fail "initdb failed: $(tail -n 3 "$folder/initdb.log")"
  start postgres "cd /" "exec ${as[*]} '$postgres_bin/postgres' -D '$data' -k '$database_folder' \
    -c listen_addresses=127.0.0.1 -c port=${ports[postgres]} -c log_min_messages=warning"
  wait_for "PostgreSQL" postgres listens postgres
  until_ready() {
    PGPASSWORD=$password "$postgres_bin/psql" -h 127.0.0.1 -p "${ports[postgres]}" -U kisfeed -d postgres -qAtc "$1" >/dev/null 2>&1
  }
  wait_for "Database" postgres until_ready 'SELECT 1'
  servers[postgres]=$(head -n 1 "$data/postmaster.pid")
  until_ready 'CREATE DATABASE kisfeed' || fail "the database could not be created: see $folder/postgres.log"
}

start_rabbitmq() {
  local i node
  free_port epmd
  printf '[].' >"$folder/plugins"
  printf '[{kernel, [{net_ticktime, 8}, {inet_dist_use_interface, {127, 0, 0, 1}}]}].\n' >"$folder/advanced.config"
  for i in 1 2 3; do
    free_port "mq$i"
    free_port "mq$i-dist"
  done
  start epmd "export HOME='$folder'" "export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=${ports[epmd]}" "exec epmd"
  for i in 1 2 3; do
    node="kisfeed-demo-${ports[mq$i]}@localhost"
    printf '%s\n' "cluster_partition_handling = pause_minority" "heartbeat = 5" \
      "cluster_formation.peer_discovery_backend = classic_config" \
      "cluster_formation.classic_config.nodes.1 = kisfeed-demo-${ports[mq1]}@localhost" \
      "cluster_formation.classic_config.nodes.2 = kisfeed-demo-${ports[mq2]}@localhost" \
      "cluster_formation.classic_config.nodes.3 = kisfeed-demo-${ports[mq3]}@localhost" \
      "default_user = kisfeed" "default_pass = $password" "loopback_users = none" >"$folder/mq$i.conf"
    start "mq$i" "export HOME='$folder' LC_ALL=C.UTF-8 RABBITMQ_NODENAME=$node RABBITMQ_NODE_IP_ADDRESS=127.0.0.1" \
      "export RABBITMQ_NODE_PORT=${ports[mq$i]} RABBITMQ_DIST_PORT=${ports[mq$i-dist]}" \
      "export ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=${ports[epmd]}" \
      "export RABBITMQ_MNESIA_BASE='$folder/mq$i' RABBITMQ_LOG_BASE='$folder/mq$i-log' RABBITMQ_PID_FILE='$folder/mq$i.pid'" \
      "export RABBITMQ_ENABLED_PLUGINS_FILE='$folder/plugins' RABBITMQ_CONFIG_FILE='$folder/mq$i'" \
      "export RABBITMQ_ADVANCED_CONFIG_FILE='$folder/advanced.config' RABBITMQ_CONF_ENV_FILE=/dev/null" \
      "export RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='+S 1:1 +sbwt none'" "exec '$rabbitmq_bin/rabbitmq-server'"
    wait_for "RabbitMQ node $i of 3" "mq$i" listens "mq$i"
    servers[mq$i]=$(<"$folder/mq$i.pid")
  done
}

# start_server NAME ARGUMENTS: a process of kisfeed, with a port that is known before it starts, so that it can be restarted with the same.
start_server() {
  local name=$1 arguments=$2 quoted
  shift 2
  free_port "$name"
  mkdir -p "$folder/$name"
  printf -v quoted '%q ' "${kisfeed[@]}"
  start "$name" "export HOME='$folder/$name' KISFEED_CONFIG=none DOTNET_NOLOGO=1 $*" "exec $quoted $arguments --port ${ports[$name]}"
}

start_gateways() {
  local i cluster secrets
  cluster="amqp://kisfeed@127.0.0.1:${ports[mq1]},amqp://kisfeed@127.0.0.1:${ports[mq2]},amqp://kisfeed@127.0.0.1:${ports[mq3]}"
  database="postgres://kisfeed@127.0.0.1:${ports[postgres]}/kisfeed"
  secrets="KISFEED_AMQP_PASSWORD_FILE='$folder/password' KISFEED_PG_PASSWORD_FILE='$folder/password'"
  for i in 1 2; do
    start_server "simulator$i" "simulate --rate $rate --start now --loop"
    wait_for "Simulator $i" "simulator$i" listens "simulator$i"
  done
  # The first gets both leases; the second is the standby for both app keys.
  for i in 1 2; do
    start_server "ingest$i" "gateway --node ingest$i --url ws://127.0.0.1:${ports[simulator$i]} \
      --record '$folder/ingest$i/capture' --sink $cluster --coordination $database" "$secrets" \
      KISFEED_APPKEY=PSdemo00000000000000000000000000001 KISFEED_APPSECRET=demo-secret-1 \
      KISFEED_APPKEY_2=PSdemo00000000000000000000000000002 KISFEED_APPSECRET_2=demo-secret-2
    wait_for "Ingest $i" "ingest$i" answers "ingest$i" /healthz
    sleep 2
  done
  for i in 1 2; do
    start_server "edge$i" "gateway --node edge$i --upstream $cluster --coordination $database --keep $keys" "$secrets"
    wait_for "Edge $i" "edge$i" answers "edge$i" /healthz
  done
}

# The records of every key, behind a time: has_data EDGE NAME, from the file of the consumer.
start_consumer() {
  curl -sN "http://127.0.0.1:${ports[$1]}/v1/stream?subscribe=$keys" >"$folder/consumer.txt" 2>/dev/null </dev/null &
  pids[consumer]=$!
  disown
  started+=(consumer)
}

# records KEY: how many of its records the consumer has.
records() { grep -c "\"key\":\"${1#*:}\",\"receivedAt\"" "$folder/consumer.txt"; }

every_key_has() {
  local key
  for key in ${keys//,/ }; do
    (($(records "$key") > ${counts[$key]:-0})) || return 1
  done
}

# wait_within TEXT COMMAND…: until the time of --check is over.
wait_within() {
  local text=$1 begin=$SECONDS
  shift
  until "$@"; do
    ((SECONDS < check_seconds)) || fail "FAILED: $text: not within $check_seconds s. Logs: $(keep_logs)"
    sleep 0.25
  done
  say "$text: $((SECONDS - begin)) s"
}

keep_logs() {
  keep_files=true
  printf '%s' "$folder"
}

check() {
  local key
  declare -gA counts=()
  start_consumer edge2
  wait_within "Edge 2 delivers every key" every_key_has
  for key in ${keys//,/ }; do
    counts[$key]=$(records "$key")
  done
  say "Killing ingest 1, which holds both app keys (SIGKILL, process ${pids[ingest1]})"
  kill -KILL "${pids[ingest1]}"
  sleep 1   # What was on its way has arrived.
  for key in ${keys//,/ }; do
    counts[$key]=$(records "$key")
  done
  wait_within "Every key continues through ingest 2" every_key_has
  say "Gaps reported to the consumer: $(grep -c '^event: gap' "$folder/consumer.txt")"
  say "Interruptions reported to the consumer: $(grep -c '^event: interruption' "$folder/consumer.txt")"
}

show_guide() {
  local i quoted
  printf -v quoted '%q ' "${kisfeed[@]}"
  cat <<GUIDE

Dashboards         http://127.0.0.1:${ports[edge1]}/   http://127.0.0.1:${ports[edge2]}/
A consumer         curl -N 'http://127.0.0.1:${ports[edge1]}/v1/stream?subscribe=index:0001'
The cluster        KISFEED_PG_PASSWORD_FILE=$folder/password ${quoted}cluster status $database
Status, metrics    curl -s http://127.0.0.1:${ports[edge1]}/v1/status   curl -s http://127.0.0.1:${ports[ingest1]}/metrics
Logs               tail -f $folder/{ingest,edge}?.log

What to kill, and what happens then (kill -STOP and kill -CONT instead of -KILL: a paused machine):
  kill -KILL ${pids[ingest1]}      ingest 1: the other takes its leases and keys;
                              consumers get one interruption and one gap of about 3 s, longer on a slow machine
  kill -KILL ${pids[ingest2]}      ingest 2: the same, if it holds a lease
  kill -KILL ${pids[edge1]}      edge 1: its consumers connect to edge 2; keys that only edge 1 wanted
                              are released after 12 s and --grace (30 s), or earlier if other keys need the slots
  kill -KILL ${pids[edge2]}      edge 2
  kill -KILL ${pids[simulator1]}      simulator 1, the broker of ingest 1: its sessions are lost;
                              after 12 to 15 s ingest 2 takes its app keys
  kill -KILL ${pids[simulator2]}      simulator 2
  kill -KILL ${servers[mq1]}      RabbitMQ node 1: nothing is lost; data are late by up to 5 s
  kill -KILL ${servers[mq2]}      RabbitMQ node 2
  kill -KILL ${servers[mq3]}      RabbitMQ node 3. Without a majority, ingests record the frames and publish them when two nodes are back
  kill -QUIT ${servers[postgres]}      PostgreSQL: after 2.4 s the ingests stand down until it is back (--coordination-outage stand-down)

To restart a part:   $folder/NAME.sh   in another terminal, e.g. $folder/ingest1.sh (Ctrl-C ends it)
Ctrl-C here ends everything$($keep_files || printf ' and deletes %s' "$folder").
GUIDE
}

# Says which part has ended, until Ctrl-C.
watch_parts() {
  local name
  declare -A seen=()
  while true; do
    for name in "${started[@]}"; do
      if [[ -z ${seen[$name]:-} ]] && ! is_running "$name"; then
        seen[$name]=1
        say "$(date +%T) $name has ended. Restart: $folder/$name.sh"
      fi
    done
    sleep 1
  done
}

# Ends what this script has started, by process id: first gateways and simulators, then servers.
clean_up() {
  local code=$? name pid gateways=()
  trap '' INT TERM
  [[ -n $folder ]] || exit "$code"
  say "Stopping"
  for name in "${started[@]}"; do
    [[ $name == mq? || $name == epmd || $name == postgres ]] || gateways=("$name" "${gateways[@]}")
  done
  for name in "${gateways[@]}"; do
    is_running "$name" && { kill -TERM "${pids[$name]}"; kill -CONT "${pids[$name]}"; } 2>/dev/null   # One may have ended meanwhile.
  done
  for name in "${gateways[@]}"; do
    end "$name" "$stop_limit"
  done
  for name in mq1 mq2 mq3 postgres; do
    pid=${servers[$name]:-none}
    if belongs "$pid"; then
      if [[ $name == postgres ]]; then kill -INT "$pid"; else kill -KILL "$pid"; fi 2>/dev/null
    fi
    end "$name" 5
  done
  end epmd 0
  [[ -z $database_folder ]] || rm -rf "$database_folder"
  if $keep_files; then
    say "Logs and recordings: $folder"
  else
    rm -rf "$folder"
  fi
  $failed && exit 1
  exit "$code"
}

# end NAME SECONDS: waits for a part to end, and kills it after this time.
end() {
  local deadline=$((SECONDS + $2))
  while is_running "$1" && ((SECONDS < deadline)); do sleep 0.1; done
  is_running "$1" && kill -KILL "${pids[$1]}" 2>/dev/null
}

read_arguments "$@"
require_programs
build
SECONDS=0
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
folder=$(mktemp -d -t kisfeed-cluster-XXXXXX) || fail "there is no room for temporary files"
database_folder=$(mktemp -d -t kisfeed-cluster-pg-XXXXXX) || fail "there is no room for temporary files"
export KISFEED_CLUSTER_DEMO=$folder
password=$(head -c 18 /dev/urandom | base64 | tr -dc 'A-Za-z0-9')
(umask 077; printf '%s\n' "$password" >"$folder/password")
start_postgres
start_rabbitmq
start_gateways
if ((check_seconds)); then
  check
  say "Passed"
else
  show_guide
  watch_parts
fi
