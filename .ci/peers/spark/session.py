"""Spark with Delta Lake in this process: one JSON statement a line in, one JSON answer a line out."""
import glob
import json
import os
import sys


def main():
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever the JVM prints goes to standard error
    scratch = sys.argv[1]
    home = os.environ["SPARK_HOME_DIR"]
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", PYSPARK_PYTHON=sys.executable, TZ="UTC")
    os.environ.pop("SPARK_HOME", None)
    from pyspark.sql import SparkSession

    conf = {
        "spark.jars": ",".join(sorted(glob.glob(f"{home}/jars/delta-*.jar"))),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": f"{scratch}/warehouse",
        "spark.local.dir": f"{scratch}/local",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.databricks.delta.snapshotPartitions": "2",
        # Files that a version checksum lists are held against the log.
        "spark.databricks.delta.allFilesInCrc.verificationMode.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": "2g",
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={scratch}/derby -Duser.timezone=UTC "
        "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
        "spark.log.level": "OFF",
    }
    builder = SparkSession.builder.master("local[2]").appName("peer")
    for key, value in conf.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    out.write(json.dumps({"ready": spark.version}) + "\n")
    out.flush()
    for line in sys.stdin:
        try:
            rows = [list(row) for row in spark.sql(json.loads(line)["sql"]).collect()]
            answer = {"rows": json.loads(json.dumps(rows, default=str))}
        except Exception as error:  # the caller decides what an error means
            answer = {"error": str(error)[:2000]}
        out.write(json.dumps(answer) + "\n")
        out.flush()
    spark.stop()


main()
