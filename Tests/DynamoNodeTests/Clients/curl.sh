#!/bin/sh
# Riak's HTTP interface, used with nothing but curl: put, get, siblings and their resolution, conditions, delete, bucket
# properties, lists. Ends with status 0 when every answer was as expected.
#
# Usage: curl.sh http://HOST:PORT [http://HOST:PORT of another node]
set -u
base=$1
other=${2:-$1}
bucket="$base/buckets/curl-$$"
there="$other/buckets/curl-$$"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# ask CURL-ARGUMENTS: leaves the body in $work/body, the headers in $work/head, and the status in $status.
ask() { status=$(curl -sS -m 20 -o "$work/body" -D "$work/head" -w '%{http_code}' "$@"); }
header() { sed -n "s/^$1: //Ip" "$work/head" | tr -d '\r' | head -n 1; }
fail() {
  echo "curl.sh: $1: status $status" >&2
  cat "$work/head" "$work/body" >&2
  exit 1
}
expect() { [ "$status" = "$1" ] || fail "$2, expected status $1"; }
contains() { grep -q -- "$1" "$work/body" || fail "$2, expected a body with $1"; }

ask "$base/ping"; expect 200 ping; contains OK ping
ask "$bucket/keys/k"; expect 404 "a key never written"

ask -X PUT "$bucket/keys/k" -H 'Content-Type: text/plain' -H 'X-Riak-Meta-Color: blue' -d one
expect 204 put
ask "$there/keys/k"; expect 200 "get from another node"; contains '^one$' get
[ "$(header x-riak-meta-color)" = blue ] || fail "metadata"
ask "$bucket/keys/k" -H "If-None-Match: $(header etag)"; expect 304 "get of what has not changed"
ask -X PUT "$bucket/keys/k" -H 'Content-Type: text/plain' -H 'If-None-Match: *' -d no
expect 412 "put where there must be nothing"

ask -X PUT "$there/keys/k" -H 'Content-Type: text/plain' -d two; expect 204 "blind put"
ask "$bucket/keys/k"; expect 300 siblings; contains '^Siblings:' siblings
ask "$bucket/keys/k" -H 'Accept: multipart/mixed'; expect 300 "siblings as parts"
contains '^one' parts; contains '^two' parts
ask -X PUT "$bucket/keys/k" -H 'Content-Type: text/plain' -H "X-Riak-Vclock: $(header x-riak-vclock)" -d both
expect 204 resolution
ask "$there/keys/k"; expect 200 "get of what was resolved"; contains '^both$' resolution

ask -X POST "$bucket/keys" -H 'Content-Type: text/plain' -d made; expect 201 "post"
ask "$base$(header location)"; expect 200 "get of the key that was made"; contains '^made$' post

ask -X DELETE "$bucket/keys/k"; expect 204 delete
ask "$there/keys/k"; expect 404 "get of what was deleted"
ask -X DELETE "$bucket/keys/never"; expect 404 "delete of nothing"

ask -X PUT "$bucket/props" -H 'Content-Type: application/json' -d '{"props":{"allow_mult":false}}'
expect 204 "set properties"
ask "$there/props"; expect 200 properties; contains '"allow_mult":false' properties
ask -X DELETE "$bucket/props"; expect 204 "reset properties"

ask -X PUT "$bucket/keys/a%20b%2Fc" -H 'Content-Type: text/plain' -d odd; expect 204 "put of an odd name"
ask "$bucket/keys?keys=true"; expect 200 keys; contains '"a b/c"' keys
ask "$there/keys?keys=stream"; expect 200 "keys as a stream"; contains '"a b/c"' keys
ask "$base/buckets?buckets=true"; expect 200 buckets; contains "\"curl-$$\"" buckets
ask "$base/stats"; expect 200 stats; contains '"riak_kv_version"' stats
echo "curl.sh: all as expected"
