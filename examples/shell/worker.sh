#!/usr/bin/env bash
# Works the jobs of a topic over HTTP, with curl and jq: each job's payload is the standard input of a command, and its
# exit status says how it went: 0 done, 1 to 63 again, anything else never again.
#
#     JOBQ_URL=http://127.0.0.1:8080 JOBQ_KEY=... ./worker.sh mail 'wc -c'
#
# The command's output becomes the result: as JSON where it is, else as a string.
set -uo pipefail

url=${JOBQ_URL:-http://127.0.0.1:8080}
topic=$(jq -rn --arg topic "${1:?a topic is needed}" '$topic | @uri')
command=${2:?a command is needed}
lease=60

stopping=
trap 'stopping=1' TERM INT

# post PATH: sends standard input and prints what comes back; fails when the server says no.
post() {
  curl -sS --fail-with-body --max-time 40 --retry 3 --retry-connrefused \
    -H 'content-type: application/json' ${JOBQ_KEY:+-H "x-api-key: $JOBQ_KEY"} \
    --data-binary @- "$url$1"
}

# act ID TOKEN ACTION FIELDS: does something with the job in hand.
act() {
  jq -cn --argjson token "$2" --argjson fields "$4" '{token: $token} + $fields' |
    post "/api/v1/reservations/$1/$3" >/dev/null
}

# renew ID TOKEN: holds the job until it is killed.
renew() {
  local nap
  trap 'kill "$nap"; exit' TERM
  while :; do
    sleep $((lease / 3)) &
    nap=$!
    wait "$nap"
    act "$1" "$2" extend "{\"lease\":\"${lease}s\"}" || return
  done
}

work() {
  local id token type output status renewer
  id=$(jq -r '.id | @uri' <<<"$1")
  token=$(jq -r .token <<<"$1")
  type=$(jq -r .type <<<"$1")
  renew "$id" "$token" >/dev/null 2>&1 &
  renewer=$!
  output=$(jq -c .payload <<<"$1" | JOB_TYPE=$type JOB_ID=$id bash -c "$command")
  status=$?
  kill "$renewer" 2>/dev/null
  if [ "$status" -eq 0 ]; then
    result=$(jq -c . <<<"$output" 2>/dev/null) || result=$(jq -cn --arg text "$output" '$text')
    act "$id" "$token" done "{\"result\":${result:-null}}" && echo "$type done"
  elif [ "$status" -lt 64 ]; then
    act "$id" "$token" retry "{\"error\":\"exit status $status\"}" && echo "$type retry"
  else
    act "$id" "$token" cancel "{\"reason\":\"exit status $status\"}" && echo "$type cancel"
  fi
}

while [ -z "$stopping" ]; do
  jobs=$(post "/api/v1/topics/$topic/reserve" <<<"{\"limit\":1,\"wait\":\"20s\",\"lease\":\"${lease}s\"}") || {
    echo "cannot reserve: $jobs" >&2
    sleep 1
    continue
  }
  jq -c '.jobs[]' <<<"$jobs" | while read -r job; do work "$job"; done
done
