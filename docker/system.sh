#!/usr/bin/env bash
# System packages: `build` what compiling needs, `run` what running needs. As root, Debian or Ubuntu.
set -euo pipefail
case "${1:-}" in
  build) packages=(python3 python3-venv python3-dev g++ cmake ninja-build) ;;
  run) packages=(python3 libportaudio2 espeak-ng openssh-client) ;;
  *) echo "usage: system.sh build|run" >&2; exit 2 ;;
esac
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
rm -rf /var/lib/apt/lists/*
