#!/usr/bin/env bash
# A gateway in one network namespace and its consumers in another, with a link between them that can be cut: the consumers disappear without
# closing their connections.
# Run it in a new user namespace, which needs no privileges:
#
#   unshare --user --map-root-user --net bash two-networks.sh COMMAND…
#
# Prints "ready" when the gateway is listening. Then each line of input is one of these commands and is answered by one line:
#
#   connect N    connects N consumers in the broker's protocol, N streams of server-sent events and N WebSocket streams, which all read
#   cut          cuts the link
#   status       prints the gateway's status
#   memory       prints its working set in KiB
#
# Ends with its input.
set -eu

readonly near=10.77.0.1 far=10.77.0.2 port=21000
readonly app='"appkey":"VANISHAPPKEY000000000000000000000000","secretkey":"'$(printf 's%.0s' {1..180})'"'
readonly credentials='{"grant_type":"client_credentials",'$app'}'
readonly keys=index:0001,index:1001,bond:KR103502GC97

# The consumers in the far network.
if [[ ${1:-} == consumers ]]; then
  trap 'kill $(jobs -p)' EXIT
  open() { exec {socket}<>"/dev/tcp/$near/$port"; }
  upgrade() {
    printf '%s\r\n' "GET $1 HTTP/1.1" "Host: $near" 'Connection: Upgrade' 'Upgrade: websocket' 'Sec-WebSocket-Version: 13' \
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==' '' >&"$socket"
    expect '101'
  }
  expect() {
    local line
    read -r -u "$socket" line
    [[ $line == "HTTP/1.1 $1"* ]] || { echo "answered: $line"; exit 1; }
  }
  # A text message with a zero mask.
  send_text() { printf "\\x81\\xfe\\x$(printf %02x $((${#1} >> 8)))\\x$(printf %02x $((${#1} & 255)))\\0\\0\\0\\0%s" "$1" >&"$socket"; }
  while read -r _ count; do
    open
    printf 'POST /oauth2/Approval HTTP/1.0\r\nHost: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' \
      "$near" "${#credentials}" "$credentials" >&"$socket"
    approval_key=$(cat <&"$socket" | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
    for ((i = 0; i < count; i++)); do
      open
      upgrade /tryitout
      header='{"approval_key":"'"$approval_key"'","custtype":"P","tr_type":"1","content-type":"utf-8"}'
      send_text '{"header":'"$header"',"body":{"input":{"tr_id":"H0UPCNT0","tr_key":"0001"}}}'
      cat <&"$socket" >/dev/null &
      open
      printf 'GET /v1/stream?subscribe=%s HTTP/1.1\r\nHost: %s\r\n\r\n' "$keys" "$near" >&"$socket"
      expect '200'
      cat <&"$socket" >/dev/null &
      open
      upgrade "/v1/stream?subscribe=$keys"
      cat <&"$socket" >/dev/null &
    done
    echo connected
  done
  exit
fi

ip link set lo up
exec {ready}< <(unshare --net bash -c 'echo $$; exec sleep infinity')
read -r -u "$ready" peer
ip link add near type veth peer name far netns "$peer"
ip address add "$near/24" dev near
ip link set near up
in_far=(nsenter --target "$peer" --net)
"${in_far[@]}" ip address add "$far/24" dev far
"${in_far[@]}" ip link set far up

exec {gateway_output}< <(exec "$@" gateway --simulate --rate 2000 --listen "$near" --port "$port" \
  --insecure-no-tokens --format json --log error)
gateway=$!
read -r -u "$gateway_output" _
coproc consumers { exec "${in_far[@]}" bash "${BASH_SOURCE[0]}" consumers; }
echo ready

while read -r command count; do
  case $command in
    connect)
      echo "connect $count" >&"${consumers[1]}"
      read -r -u "${consumers[0]}" answer
      echo "$answer"
      ;;
    cut)
      "${in_far[@]}" ip link set far down
      echo cut
      ;;
    status)
      exec {socket}<>"/dev/tcp/$near/$port"
      printf 'GET /v1/status HTTP/1.0\r\nHost: %s\r\n\r\n' "$near" >&"$socket"
      sed '1,/^\r*$/d' <&"$socket" | tr -d '\r\n'
      echo
      exec {socket}>&-
      ;;
    memory) awk '/^VmRSS/ { print $2 }' "/proc/$gateway/status" ;;
  esac
done
kill "$consumers_PID" "$peer"
kill -KILL "$gateway"
