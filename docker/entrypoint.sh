#!/usr/bin/env bash
# What the container runs: the server, or another command of bin/millrace with its arguments.
#
#   MILLRACE_CONFIG        the configuration file; default: docker/node.yml, which says what else is read from the environment
#   MILLRACE_CLUSTER_HOST  this container's address on the cluster's network; default: what its own name stands for
#   MILLRACE_HEAP          the heap's size, such as 4g; default: half of the container's memory
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export MILLRACE_CONFIG=${MILLRACE_CONFIG:-$home/docker/node.yml}

# The grid takes addresses and no names.
if [[ -z ${MILLRACE_CLUSTER_HOST:-} ]]; then
  MILLRACE_CLUSTER_HOST=$(getent ahostsv4 "${HOSTNAME:-$(uname -n)}" | awk 'NR == 1 { print $1 }') || true
  export MILLRACE_CLUSTER_HOST=${MILLRACE_CLUSTER_HOST:-127.0.0.1}
fi

if (($# > 0)); then
  exec "$home/bin/millrace" "$@"
fi
exec "$home/bin/millrace" start --config "$MILLRACE_CONFIG"
