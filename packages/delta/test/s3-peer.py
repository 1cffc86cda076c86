"""Appends rows to a Delta table in a bucket by delta-rs, a commit each; then prints its version and how many rows it sees."""

import os
import sys

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

url, endpoint, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = {
    "AWS_ENDPOINT_URL": endpoint,
    "AWS_ALLOW_HTTP": "true",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "aws_conditional_put": "etag",
}
for n in range(count):
    write_deltalake(url, pa.table({"id": pa.array([-1 - n], pa.int64()), "p": ["of + another"]}), mode="append", storage_options=options)
table = DeltaTable(url, storage_options=options)
print(table.version(), table.to_pyarrow_table().num_rows)
sys.stdout.flush()
# The threads of these libraries may abort an interpreter that ends in order, when all is done.
os._exit(0)
