#!/usr/bin/env bash
# Unmodified Python clients against a real workspace: databricks-sdk over the API, delta-rs on the files.
set -uo pipefail
cd "$(dirname "$0")/../.."
python=$(command -v python3) || { echo "Python 3 is not installed"; echo "0 passed, 1 failed"; exit 1; }
venv=${BOATHOUSE_PEERS_VENV:-node_modules/.cache/boathouse/peers}
if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import databricks.sdk, deltalake, pyarrow' 2>/dev/null; then
  "$python" -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check databricks-sdk==0.155.0 deltalake==1.6.6 pyarrow || { echo "the Python clients could not be installed"; echo "0 passed, 1 failed"; exit 1; }
fi
exec node_modules/node/bin/node --disable-warning=ExperimentalWarning .ci/peers/run-python.ts "$venv/bin/python"
