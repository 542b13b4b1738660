#!/usr/bin/env bash
# Exit code 0 when the server is ready (GET /health/ready answers 200). Needs nothing but bash: the image has no curl.
set -euo pipefail

exec 3<>"/dev/tcp/${MILLRACE_HEALTH_HOST:-127.0.0.1}/${MILLRACE_PORT:-6020}"
printf 'GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
IFS= read -r -t 4 status <&3
[[ $status == HTTP/1.?' 200 '* ]]
