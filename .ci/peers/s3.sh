#!/usr/bin/env bash
# The S3 store, and Delta tables in it, against an S3 server process (moto; why this one: docs/adr/0015-s3-by-copies.md).
set -uo pipefail
cd "$(dirname "$0")/../.."
venv=${BOATHOUSE_S3_VENV:-node_modules/.cache/boathouse/s3}
if ! "$venv/bin/python" -c 'import moto.server' 2>/dev/null; then
  python=$(command -v python3) || { echo "Python 3 is not installed"; echo "0 passed, 1 failed"; exit 1; }
  "$python" -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check 'moto[server]==5.2.5' || { echo "the S3 server could not be installed"; echo "0 passed, 1 failed"; exit 1; }
fi
export BOATHOUSE_S3_PYTHON="$(cd "$venv" && pwd)/bin/python"
# delta-rs comes with the clients of python.sh, which runs before this.
peers=${BOATHOUSE_PEERS_VENV:-node_modules/.cache/boathouse/peers}
if "$peers/bin/python" -c 'import deltalake, pyarrow' 2>/dev/null; then export BOATHOUSE_PEERS_PYTHON="$(cd "$peers" && pwd)/bin/python"; fi
node_modules/node/bin/node --disable-warning=ExperimentalWarning --test --test-timeout=300000 --test-concurrency=1 --test-reporter=./scripts/test/reporter.ts packages/storage/test/s3-store.test.ts packages/delta/test/s3.test.ts apps/cli/commands/test/s3.test.ts | sed -E "s/^# ([0-9]+ passed)/\1/"
