#!/usr/bin/env bash
# A workspace with a real Spark attached: cells, statements, writes and rights go there; a sample of the corpus gives Spark's recorded answers by the text written for it.
set -uo pipefail
cd "$(dirname "$0")/../.."
tools=${BOATHOUSE_SPARK_TOOLS:-../shared/tools/spark}
if [ ! -x "$tools/connect-server" ]; then echo "Spark's tools are not beside this checkout ($tools)"; echo "0 passed, 1 failed"; exit 1; fi
"$tools/install" >/dev/null || { echo "Spark could not be installed"; echo "0 passed, 1 failed"; exit 1; }
export BOATHOUSE_SPARK_TOOLS="$(cd "$tools" && pwd)" BOATHOUSE_SPARK_EVERY=${BOATHOUSE_SPARK_EVERY:-71}
node_modules/node/bin/node --disable-warning=ExperimentalWarning --test --test-concurrency=1 --test-timeout=400000 --test-reporter=./scripts/test/reporter.ts .ci/peers/spark-engine/workspace.test.ts scripts/conformance/spark.test.ts | sed -E "s/^# ([0-9]+ passed)/\1/"
