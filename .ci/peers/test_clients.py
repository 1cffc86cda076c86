"""Unmodified Python clients against a real workspace. Prints one line a check and `N passed, N failed`."""
import base64
import io
import os
import sys
import time
import traceback

from databricks.sdk import WorkspaceClient
from databricks.sdk.service import catalog, jobs, sql, workspace

client = WorkspaceClient(host=os.environ["DATABRICKS_HOST"], token=os.environ["DATABRICKS_TOKEN"])
checks = []


def check(function):
    checks.append(function)
    return function


def statement(text, **more):
    warehouse = next(iter(client.warehouses.list()))
    answer = client.statement_execution.execute_statement(statement=text, warehouse_id=warehouse.id, wait_timeout="30s", **more)
    while answer.status.state in (sql.StatementState.PENDING, sql.StatementState.RUNNING):
        time.sleep(0.1)
        answer = client.statement_execution.get_statement(answer.statement_id)
    assert answer.status.state == sql.StatementState.SUCCEEDED, answer.status.error
    return answer.result.data_array if answer.result else None


@check
def the_sdk_knows_who_is_signed_in():
    me = client.current_user.me()
    assert me.user_name == "admin@localhost", me


@check
def warehouses_are_listed_and_one_runs():
    found = list(client.warehouses.list())
    assert found and found[0].id and str(found[0].state).endswith("RUNNING"), found


@check
def a_statement_takes_named_parameters():
    rows = statement(
        "SELECT :n + 1 AS n, :who AS who",
        parameters=[sql.StatementParameterListItem(name="n", value="41", type="INT"), sql.StatementParameterListItem(name="who", value="it's me")],
    )
    assert rows == [["42", "it's me"]], rows


@check
def a_wrong_statement_fails_with_its_error():
    warehouse = next(iter(client.warehouses.list()))
    answer = client.statement_execution.execute_statement(statement="SELECT * FROM nowhere_at_all", warehouse_id=warehouse.id, wait_timeout="30s")
    assert answer.status.state == sql.StatementState.FAILED and "TABLE_OR_VIEW_NOT_FOUND" in str(answer.status.error), answer.status


@check
def schema_table_and_volume_are_created_and_read_back():
    client.schemas.create(name="peers", catalog_name="main", comment="made by the SDK")
    table = client.tables.create(
        name="people",
        catalog_name="main",
        schema_name="peers",
        table_type=catalog.TableType.MANAGED,
        data_source_format=catalog.DataSourceFormat.DELTA,
        storage_location="",
        columns=[
            catalog.ColumnInfo(name="id", type_name=catalog.ColumnTypeName.INT, type_text="int", type_json='"integer"', position=0),
            catalog.ColumnInfo(name="name", type_name=catalog.ColumnTypeName.STRING, type_text="string", type_json='"string"', position=1),
        ],
    )
    assert table.full_name == "main.peers.people", table
    statement("INSERT INTO main.peers.people VALUES (1, 'Ada'), (2, 'Grace')")
    assert statement("SELECT count(*) FROM main.peers.people") == [["2"]]
    assert [column.name for column in client.tables.get("main.peers.people").columns] == ["id", "name"]
    volume = client.volumes.create(catalog_name="main", schema_name="peers", name="files", volume_type=catalog.VolumeType.MANAGED)
    assert volume.full_name == "main.peers.files", volume


@check
def a_file_is_uploaded_downloaded_and_queried():
    path = "/Volumes/main/peers/files/in/prices.csv"
    client.files.create_directory("/Volumes/main/peers/files/in")
    client.files.upload(path, io.BytesIO(b"sku,price\na,1.50\nb,2.25\n"), overwrite=True)
    assert client.files.download(path).contents.read().startswith(b"sku,price")
    assert [entry.name for entry in client.files.list_directory_contents("/Volumes/main/peers/files/in")] == ["prices.csv"]
    rows = statement(f"SELECT sku, price FROM read_files('{path}', format => 'csv', header => true) ORDER BY sku")
    assert [row[0] for row in rows] == ["a", "b"] and float(rows[1][1]) == 2.25, rows


NOTEBOOK = """-- Databricks notebook source
SELECT count(*) AS people FROM main.peers.people

-- COMMAND ----------

SELECT name FROM main.peers.people ORDER BY id
"""


@check
def a_notebook_in_source_form_is_imported_and_exported():
    client.workspace.mkdirs("/Shared/peers")
    for name in ("first", "second"):
        client.workspace.import_(
            path=f"/Shared/peers/{name}",
            content=base64.b64encode(NOTEBOOK.encode()).decode(),
            format=workspace.ImportFormat.SOURCE,
            language=workspace.Language.SQL,
            overwrite=True,
        )
    exported = base64.b64decode(client.workspace.export("/Shared/peers/first", format=workspace.ExportFormat.SOURCE).content).decode()
    assert exported.startswith("-- Databricks notebook source") and exported.count("-- COMMAND ----------") == 1, exported
    assert {entry.path for entry in client.workspace.list("/Shared/peers")} == {"/Shared/peers/first", "/Shared/peers/second"}


@check
def a_job_of_two_dependent_tasks_runs_and_gives_its_output():
    job = client.jobs.create(
        name="Two tasks",
        tasks=[
            jobs.Task(task_key="first", notebook_task=jobs.NotebookTask(notebook_path="/Shared/peers/first")),
            jobs.Task(task_key="second", depends_on=[jobs.TaskDependency(task_key="first")], notebook_task=jobs.NotebookTask(notebook_path="/Shared/peers/second")),
        ],
    )
    run = client.jobs.run_now(job.job_id).result()
    assert str(run.state.result_state).endswith("SUCCESS"), run.state
    tasks = {task.task_key: task for task in run.tasks}
    assert set(tasks) == {"first", "second"} and tasks["second"].start_time >= tasks["first"].end_time - 1000, tasks
    output = client.jobs.get_run_output(tasks["second"].run_id)
    assert output.error is None and output.notebook_output is not None and "Ada" in (output.notebook_output.result or ""), output


@check
def unknown_objects_are_told_apart_from_failures():
    from databricks.sdk.errors import NotFound

    for call in (lambda: client.tables.get("main.peers.gone"), lambda: client.jobs.get(987654321), lambda: client.workspace.get_status("/Shared/gone")):
        try:
            call()
            raise AssertionError("no error")
        except NotFound:
            pass


@check
def delta_rs_reads_what_the_workspace_writes_and_the_workspace_what_delta_rs_appends():
    import pyarrow
    from deltalake import DeltaTable, write_deltalake

    location = client.tables.get("main.peers.people").storage_location
    path = location.removeprefix("file://")
    if not path.startswith("/"):
        path = os.path.join(os.environ["BOATHOUSE_STORAGE"], path)
    table = DeltaTable(path)
    assert sorted(table.to_pyarrow_table().column("name").to_pylist()) == ["Ada", "Grace"]
    write_deltalake(path, pyarrow.table({"id": pyarrow.array([3], pyarrow.int32()), "name": ["Katherine"]}), mode="append")
    deadline = time.time() + 10
    while statement("SELECT count(*) FROM main.peers.people") != [["3"]]:
        assert time.time() < deadline, "the append was not seen"
        time.sleep(0.2)


passed = failed = 0
for function in checks:
    name = function.__name__.replace("_", " ")
    started = time.time()
    try:
        function()
        passed += 1
        print(f"ok      {name} ({time.time() - started:.1f} s)", flush=True)
    except Exception:
        failed += 1
        print(f"FAILED  {name}", flush=True)
        traceback.print_exc()
print(f"{passed} passed, {failed} failed", flush=True)
# The threads of pyarrow may abort an interpreter that ends in order, when all is done.
os._exit(1 if failed else 0)
