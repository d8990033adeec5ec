#!/bin/sh
# Installs voice_local from this folder: no network, no compiler.
#   ./install.sh [FOLDER]            a new virtual environment in FOLDER (default ~/voice_local) and the models
#   ./install.sh --into VOICE_LOCAL  only the models, with the voice-local program that is there already
# --signer KEY.pub before either: refuse the bundle unless this key signed it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stop() { echo "install.sh: $*" >&2; exit 2; }

signer="" program="" target=""
while [ $# -gt 0 ]; do
  case "$1" in
    --signer)
      [ -f "${2:-}" ] || stop "--signer needs the public key of who made the bundle"
      signer=$2
      shift 2 ;;
    --into)
      [ -x "${2:-}" ] || stop "--into needs the path of voice-local"
      program=$2
      shift 2 ;;
    -*) stop "unknown option $1" ;;
    *)
      [ -z "$target" ] || stop "one folder, please"
      target=$1
      shift ;;
  esac
done

echo "[1/4] checking the sums of $here"
(cd "$here" && sha256sum --quiet --strict -c SHA256SUMS) || stop "this copy is damaged: copy it again, install nothing"
listed=$(cut -c67- "$here/SHA256SUMS" | LC_ALL=C sort)
found=$(cd "$here" && find . ! -type d ! -path ./SHA256SUMS ! -path ./SHA256SUMS.sig | sed 's|^\./||' | LC_ALL=C sort)
[ "$listed" = "$found" ] || stop "there are files here that SHA256SUMS does not name: install nothing"
[ -z "$(cd "$here" && find . -type l)" ] || stop "there are links here: install nothing"
if [ -n "$signer" ]; then
  allowed=$(mktemp)
  echo "signer namespaces=\"voice-local-bundle\" $(cat "$signer")" >"$allowed"
  ssh-keygen -Y verify -f "$allowed" -I signer -n voice-local-bundle -s "$here/SHA256SUMS.sig" <"$here/SHA256SUMS" >/dev/null ||
    stop "this bundle was not signed by $signer"
  rm -f "$allowed"
fi

if [ -z "$program" ]; then
  [ -d "$here/wheels" ] || stop "this bundle carries no wheels: use --into with an installed voice-local"
  target=${target:-$HOME/voice_local}
  python=""
  for name in python3.11 python3.12 python3; do
    if "$name" -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; then
      python=$name
      break
    fi
  done
  [ -n "$python" ] || stop "needs CPython 3.11 or 3.12"
  echo "[2/4] a virtual environment in $target"
  "$python" -m venv --without-pip "$target" || stop "cannot make $target"
  pip=$(echo "$here"/wheels/pip-*.whl)
  "$target/bin/python" "$pip/pip" install -q --no-index --find-links "$here/wheels" --no-cache-dir --require-hashes \
    -r "$here/wheels/requirements.txt" || stop "the wheels do not fit this machine"
  program=$target/bin/voice-local
fi

echo "[3/4] the models, checked once more"
"$program" models import "$here" ${signer:+--signer "$signer"}

echo "[4/4] system libraries"
if ! ldconfig -p 2>/dev/null | grep -q libportaudio; then
  if [ -d "$here/system" ] && [ "$(id -u)" = 0 ] && command -v dpkg >/dev/null; then
    dpkg -i "$here"/system/*.deb >/dev/null || echo "some system packages were refused; microphone and loudspeaker may be missing"
  else
    echo "microphone and loudspeaker need PortAudio: as root, dpkg -i $here/system/*.deb (or install libportaudio2)"
  fi
fi

echo "ready: $program talk"
