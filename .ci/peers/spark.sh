#!/usr/bin/env bash
# Tables of ours read and changed by a real Spark with Delta Lake, and the other way round; delta-rs reads what it can.
set -uo pipefail
cd "$(dirname "$0")/../.."
tools=${BOATHOUSE_SPARK_TOOLS:-../shared/tools/spark}
if [ ! -x "$tools/install" ]; then echo "Spark's tools are not beside this checkout ($tools)"; echo "0 passed, 1 failed"; exit 1; fi
home=$("$tools/install" | tail -n 1) || { echo "Spark could not be installed"; echo "0 passed, 1 failed"; exit 1; }
peers=${BOATHOUSE_PEERS_VENV:-node_modules/.cache/boathouse/peers}
SPARK_HOME_DIR="$home" exec node_modules/node/bin/node --disable-warning=ExperimentalWarning .ci/peers/spark/run.ts "$home/python/bin/python" "$peers/bin/python"
