#!/usr/bin/env bash
# The steps of the image's build; each is run by the Dockerfile, and without an engine by DockerIT.
#
#   docker/build.sh package         builds the server
#   docker/build.sh install FOLDER  lays out in FOLDER what the image holds
set -euo pipefail

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

package() {
  mvn -ntp -B -q -DskipTests -f "$home/pom.xml" -pl server -am package
}

install_to() {
  local target=$1 jar
  jar=$(find "$home/server/target" -maxdepth 1 -name 'millrace-server-*.jar' -print -quit)
  if [[ -z $jar || ! -d $home/server/target/lib ]]; then
    echo "docker/build.sh: the server is not built; run docker/build.sh package first" >&2
    exit 1
  fi
  mkdir -p "$target"/{bin,conf,docker,server/target}
  cp "$home/bin/millrace" "$target/bin/"
  cp "$home"/conf/* "$target/conf/"
  cp "$home"/docker/*.yml "$home/docker/entrypoint.sh" "$home/docker/healthcheck.sh" "$target/docker/"
  cp "$jar" "$target/server/target/"
  cp -R "$home/server/target/lib" "$target/server/target/"
  cp "$home/LICENSE" "$target/"
  # Readable by any user, writable by none but root: the server writes to its data folder only.
  chmod -R u=rwX,go=rX "$target"
}

case ${1:-} in
  package) package ;;
  install) install_to "${2:?which folder?}" ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
esac
