#!/usr/bin/env bash
# Attached engines: a real Spark Connect server with Delta Lake, and Sail, run our plans on our tables.
set -uo pipefail
cd "$(dirname "$0")/../.."
tools=${BOATHOUSE_SPARK_TOOLS:-../shared/tools/spark}
if [ ! -x "$tools/connect-server" ]; then echo "Spark's tools are not beside this checkout ($tools)"; echo "0 passed, 1 failed"; exit 1; fi
"$tools/install" >/dev/null || { echo "Spark could not be installed"; echo "0 passed, 1 failed"; exit 1; }
venv=${BOATHOUSE_SAIL_VENV:-node_modules/.cache/boathouse/sail}
if [ ! -x "$venv/bin/sail" ]; then
  python=$(command -v python3) || { echo "Python 3 is not installed"; echo "0 passed, 1 failed"; exit 1; }
  "$python" -m venv "$venv" && "$venv/bin/pip" install -q --disable-pip-version-check 'pysail==0.7.2' || { echo "Sail could not be installed"; echo "0 passed, 1 failed"; exit 1; }
fi
export BOATHOUSE_SPARK_CONNECT_SERVER="$(cd "$tools" && pwd)/connect-server" BOATHOUSE_SAIL="$(cd "$venv/bin" && pwd)/sail"
node_modules/node/bin/node --disable-warning=ExperimentalWarning --test --test-timeout=240000 --test-reporter=./scripts/test/reporter.ts .ci/peers/spark-connect/spark-connect.test.ts | sed -E "s/^# ([0-9]+ passed)/\1/"
