-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "emailVerified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "auth_session" (
    "id" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "ipAddress" TEXT,
    "userAgent" TEXT,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "auth_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "accountId" TEXT NOT NULL,
    "providerId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "accessToken" TEXT,
    "refreshToken" TEXT,
    "idToken" TEXT,
    "accessTokenExpiresAt" TIMESTAMPTZ(3),
    "refreshTokenExpiresAt" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "lastRequest" BIGINT NOT NULL,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspace" (
    "id" TEXT NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "workspace_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "member" (
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "member_pkey" PRIMARY KEY ("workspaceId","userId")
);

-- CreateTable
CREATE TABLE "invite" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "tokenHash" TEXT NOT NULL,
    "invitedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "acceptedAt" TIMESTAMPTZ(3),

    CONSTRAINT "invite_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_token" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "comment" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3),
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "access_token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "workspace_object" (
    "id" TEXT NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletedAt" TIMESTAMPTZ(3),
    "content" BYTEA,

    CONSTRAINT "workspace_object_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "object_grant" (
    "objectId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "level" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "object_grant_pkey" PRIMARY KEY ("objectId","userId")
);

-- CreateTable
CREATE TABLE "notebook_document" (
    "notebookId" TEXT NOT NULL,
    "epoch" TEXT NOT NULL,
    "state" BYTEA NOT NULL,
    "version" BIGINT NOT NULL DEFAULT 0,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notebook_document_pkey" PRIMARY KEY ("notebookId")
);

-- CreateTable
CREATE TABLE "catalog" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "comment" TEXT,
    "ownerId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "catalog_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "schema" (
    "id" TEXT NOT NULL,
    "catalogId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "comment" TEXT,
    "properties" JSONB NOT NULL DEFAULT '{}',
    "ownerId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schema_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "table" (
    "id" TEXT NOT NULL,
    "schemaId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "leaseUntil" TIMESTAMPTZ(3),
    "leaseRunId" TEXT,
    "pending" JSONB,
    "columns" JSONB NOT NULL,
    "partitionColumns" JSONB NOT NULL DEFAULT '[]',
    "properties" JSONB NOT NULL DEFAULT '{}',
    "comment" TEXT,
    "ownerId" TEXT NOT NULL,
    "location" TEXT,
    "viewText" TEXT,
    "viewCatalog" TEXT,
    "viewSchema" TEXT,
    "version" BIGINT,
    "sizeBytes" BIGINT,
    "fileCount" BIGINT,
    "rowCount" BIGINT,
    "pipelineId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdBy" TEXT,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "table_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "volume" (
    "id" TEXT NOT NULL,
    "schemaId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameKey" TEXT NOT NULL,
    "comment" TEXT,
    "ownerId" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "volume_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "storage_removal" (
    "location" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "leaseUntil" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "storage_removal_pkey" PRIMARY KEY ("location")
);

-- CreateTable
CREATE TABLE "grant" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "securableKind" TEXT NOT NULL,
    "securableId" TEXT NOT NULL,
    "principalId" TEXT NOT NULL,
    "privilege" TEXT NOT NULL,
    "grantedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "grant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lineage_edge" (
    "tableId" TEXT NOT NULL,
    "direction" TEXT NOT NULL,
    "sourceKind" TEXT NOT NULL,
    "sourceId" TEXT NOT NULL,
    "lastRunId" TEXT,
    "lastVersion" BIGINT,
    "count" BIGINT NOT NULL DEFAULT 1,
    "firstAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "lineage_edge_pkey" PRIMARY KEY ("tableId","direction","sourceKind","sourceId")
);

-- CreateTable
CREATE TABLE "table_change" (
    "tableId" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "runId" TEXT,
    "operation" TEXT,
    "rows" BIGINT,
    "detectedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "table_change_pkey" PRIMARY KEY ("tableId","version")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deliveredAt" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "fileName" TEXT NOT NULL,
    "sizeBytes" BIGINT NOT NULL,
    "state" TEXT NOT NULL,
    "location" TEXT NOT NULL,
    "runId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sql_session" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "notebookId" TEXT,
    "principalId" TEXT NOT NULL,
    "state" JSONB NOT NULL,
    "lostReason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "usedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sql_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "notebookId" TEXT,
    "cellId" TEXT,
    "sessionId" TEXT,
    "dashboardId" TEXT,
    "tileId" TEXT,
    "pipelineId" TEXT,
    "taskAttemptId" TEXT,
    "principalId" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "codeHash" TEXT NOT NULL,
    "documentVersion" TEXT,
    "parameters" JSONB NOT NULL DEFAULT '[]',
    "engine" TEXT NOT NULL DEFAULT 'duckdb',
    "settings" JSONB NOT NULL DEFAULT '{}',
    "computeId" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "computeSeq" INTEGER NOT NULL DEFAULT 0,
    "lastSeq" INTEGER NOT NULL DEFAULT 0,
    "error" JSONB,
    "result" JSONB,
    "resultHash" TEXT,
    "reads" JSONB NOT NULL DEFAULT '[]',
    "writes" JSONB NOT NULL DEFAULT '[]',
    "requires" JSONB NOT NULL DEFAULT '[]',
    "engineMs" DOUBLE PRECISION,
    "totalMs" DOUBLE PRECISION,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_event" (
    "runId" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "event" JSONB NOT NULL,

    CONSTRAINT "run_event_pkey" PRIMARY KEY ("runId","seq")
);

-- CreateTable
CREATE TABLE "result_object" (
    "hash" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "byteCount" BIGINT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastUsedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "result_object_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "api_statement" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "principalId" TEXT NOT NULL,
    "runId" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closedAt" TIMESTAMPTZ(3),

    CONSTRAINT "api_statement_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dashboard" (
    "id" TEXT NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dashboard_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "dashboard_tile" (
    "id" TEXT NOT NULL,
    "dashboardId" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "query" TEXT NOT NULL,
    "catalog" TEXT NOT NULL,
    "schema" TEXT NOT NULL,
    "chart" JSONB NOT NULL DEFAULT '{}',
    "layout" JSONB NOT NULL,
    "live" BOOLEAN NOT NULL DEFAULT false,
    "publisherId" TEXT NOT NULL,
    "shownRunId" TEXT,
    "latestRunId" TEXT,
    "tableIds" JSONB NOT NULL DEFAULT '[]',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "dashboard_tile_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipeline" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "notebookId" TEXT,
    "ownerId" TEXT NOT NULL,
    "eventLogId" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pipeline_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pipeline_update" (
    "id" TEXT NOT NULL,
    "pipelineId" TEXT NOT NULL,
    "runId" TEXT,
    "state" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "fullRefresh" BOOLEAN NOT NULL DEFAULT false,
    "config" JSONB NOT NULL,
    "graph" JSONB,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "pipeline_update_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job" (
    "id" BIGSERIAL NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "settings" JSONB NOT NULL,
    "ownerId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletedAt" TIMESTAMPTZ(3),

    CONSTRAINT "job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_trigger" (
    "id" TEXT NOT NULL,
    "jobId" BIGINT NOT NULL,
    "quartzCron" TEXT NOT NULL,
    "timeZone" TEXT NOT NULL,
    "paused" BOOLEAN NOT NULL DEFAULT false,
    "nextFireAt" TIMESTAMPTZ(3),

    CONSTRAINT "job_trigger_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "job_run" (
    "id" BIGSERIAL NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "jobId" BIGINT NOT NULL,
    "numberInJob" INTEGER NOT NULL,
    "triggerId" TEXT,
    "scheduledAt" TIMESTAMPTZ(3),
    "trigger" TEXT NOT NULL,
    "idempotencyToken" TEXT,
    "settings" JSONB NOT NULL,
    "parameters" JSONB NOT NULL DEFAULT '{}',
    "creatorId" TEXT NOT NULL,
    "runAsId" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "resultState" TEXT,
    "stateMessage" TEXT NOT NULL DEFAULT '',
    "cancelRequested" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "job_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_run" (
    "id" BIGSERIAL NOT NULL,
    "jobRunId" BIGINT NOT NULL,
    "taskKey" TEXT NOT NULL,
    "task" JSONB NOT NULL,
    "dependsOn" JSONB NOT NULL DEFAULT '[]',
    "state" TEXT NOT NULL,
    "resultState" TEXT,
    "stateMessage" TEXT NOT NULL DEFAULT '',
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "task_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "task_attempt" (
    "id" TEXT NOT NULL,
    "taskRunId" BIGINT NOT NULL,
    "number" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "error" JSONB,
    "leaseToken" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "snapshot" JSONB,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "task_attempt_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_event" (
    "id" BIGSERIAL NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "userId" TEXT,
    "action" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_event_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "auth_session_token_key" ON "auth_session"("token");

-- CreateIndex
CREATE INDEX "auth_session_userId_idx" ON "auth_session"("userId");

-- CreateIndex
CREATE INDEX "account_userId_idx" ON "account"("userId");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "rate_limit_key_key" ON "rate_limit"("key");

-- CreateIndex
CREATE UNIQUE INDEX "workspace_number_key" ON "workspace"("number");

-- CreateIndex
CREATE UNIQUE INDEX "invite_tokenHash_key" ON "invite"("tokenHash");

-- CreateIndex
CREATE UNIQUE INDEX "access_token_hash_key" ON "access_token"("hash");

-- CreateIndex
CREATE INDEX "access_token_userId_idx" ON "access_token"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "workspace_object_number_key" ON "workspace_object"("number");

-- CreateIndex
CREATE INDEX "workspace_object_workspaceId_path_idx" ON "workspace_object"("workspaceId", "path");

-- CreateIndex
CREATE INDEX "object_grant_userId_idx" ON "object_grant"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "catalog_workspaceId_nameKey_key" ON "catalog"("workspaceId", "nameKey");

-- CreateIndex
CREATE UNIQUE INDEX "schema_catalogId_nameKey_key" ON "schema"("catalogId", "nameKey");

-- CreateIndex
CREATE UNIQUE INDEX "table_schemaId_nameKey_key" ON "table"("schemaId", "nameKey");

-- CreateIndex
CREATE INDEX "storage_removal_leaseUntil_idx" ON "storage_removal"("leaseUntil");

-- CreateIndex
CREATE INDEX "table_state_leaseUntil_idx" ON "table"("state", "leaseUntil");

-- CreateIndex
CREATE UNIQUE INDEX "volume_schemaId_nameKey_key" ON "volume"("schemaId", "nameKey");

-- CreateIndex
CREATE INDEX "grant_principalId_idx" ON "grant"("principalId");

-- CreateIndex
CREATE UNIQUE INDEX "grant_securableKind_securableId_principalId_privilege_key" ON "grant"("securableKind", "securableId", "principalId", "privilege");

-- CreateIndex
CREATE INDEX "outbox_deliveredAt_id_idx" ON "outbox"("deliveredAt", "id");

-- CreateIndex
CREATE INDEX "upload_expiresAt_idx" ON "upload"("expiresAt");

-- CreateIndex
CREATE INDEX "upload_runId_idx" ON "upload"("runId");

-- CreateIndex
CREATE INDEX "sql_session_notebookId_principalId_idx" ON "sql_session"("notebookId", "principalId");

-- CreateIndex
CREATE INDEX "run_notebookId_cellId_createdAt_idx" ON "run"("notebookId", "cellId", "createdAt");

-- CreateIndex
CREATE INDEX "run_state_leaseUntil_idx" ON "run"("state", "leaseUntil");

-- CreateIndex
CREATE INDEX "run_workspaceId_createdAt_idx" ON "run"("workspaceId", "createdAt");

-- CreateIndex
CREATE INDEX "run_resultHash_idx" ON "run"("resultHash");

-- CreateIndex
CREATE INDEX "run_dashboardId_tileId_createdAt_idx" ON "run"("dashboardId", "tileId", "createdAt");

-- CreateIndex
CREATE INDEX "result_object_lastUsedAt_idx" ON "result_object"("lastUsedAt");

-- CreateIndex
CREATE UNIQUE INDEX "api_statement_runId_key" ON "api_statement"("runId");

-- CreateIndex
CREATE INDEX "dashboard_tile_dashboardId_idx" ON "dashboard_tile"("dashboardId");

-- CreateIndex
CREATE INDEX "pipeline_workspaceId_idx" ON "pipeline"("workspaceId");

-- CreateIndex
CREATE INDEX "pipeline_notebookId_idx" ON "pipeline"("notebookId");

-- CreateIndex
CREATE INDEX "pipeline_update_pipelineId_createdAt_idx" ON "pipeline_update"("pipelineId", "createdAt");

-- CreateIndex
CREATE INDEX "job_workspaceId_idx" ON "job"("workspaceId");

-- CreateIndex
CREATE INDEX "job_trigger_paused_nextFireAt_idx" ON "job_trigger"("paused", "nextFireAt");

-- CreateIndex
CREATE INDEX "job_run_jobId_id_idx" ON "job_run"("jobId", "id");

-- CreateIndex
CREATE INDEX "job_run_state_idx" ON "job_run"("state");

-- CreateIndex
CREATE UNIQUE INDEX "job_run_triggerId_scheduledAt_key" ON "job_run"("triggerId", "scheduledAt");

-- CreateIndex
CREATE UNIQUE INDEX "job_run_jobId_idempotencyToken_key" ON "job_run"("jobId", "idempotencyToken");

-- CreateIndex
CREATE UNIQUE INDEX "task_run_jobRunId_taskKey_key" ON "task_run"("jobRunId", "taskKey");

-- CreateIndex
CREATE INDEX "task_attempt_state_leaseUntil_idx" ON "task_attempt"("state", "leaseUntil");

-- CreateIndex
CREATE UNIQUE INDEX "task_attempt_taskRunId_number_key" ON "task_attempt"("taskRunId", "number");

-- CreateIndex
CREATE INDEX "audit_event_workspaceId_at_idx" ON "audit_event"("workspaceId", "at");

-- AddForeignKey
ALTER TABLE "auth_session" ADD CONSTRAINT "auth_session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invite" ADD CONSTRAINT "invite_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "workspace"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_token" ADD CONSTRAINT "access_token_userId_fkey" FOREIGN KEY ("userId") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "object_grant" ADD CONSTRAINT "object_grant_objectId_fkey" FOREIGN KEY ("objectId") REFERENCES "workspace_object"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notebook_document" ADD CONSTRAINT "notebook_document_notebookId_fkey" FOREIGN KEY ("notebookId") REFERENCES "workspace_object"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "schema" ADD CONSTRAINT "schema_catalogId_fkey" FOREIGN KEY ("catalogId") REFERENCES "catalog"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "table" ADD CONSTRAINT "table_schemaId_fkey" FOREIGN KEY ("schemaId") REFERENCES "schema"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "volume" ADD CONSTRAINT "volume_schemaId_fkey" FOREIGN KEY ("schemaId") REFERENCES "schema"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "run_event" ADD CONSTRAINT "run_event_runId_fkey" FOREIGN KEY ("runId") REFERENCES "run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dashboard" ADD CONSTRAINT "dashboard_id_fkey" FOREIGN KEY ("id") REFERENCES "workspace_object"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "dashboard_tile" ADD CONSTRAINT "dashboard_tile_dashboardId_fkey" FOREIGN KEY ("dashboardId") REFERENCES "dashboard"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pipeline_update" ADD CONSTRAINT "pipeline_update_pipelineId_fkey" FOREIGN KEY ("pipelineId") REFERENCES "pipeline"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_trigger" ADD CONSTRAINT "job_trigger_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "job_run" ADD CONSTRAINT "job_run_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_run" ADD CONSTRAINT "task_run_jobRunId_fkey" FOREIGN KEY ("jobRunId") REFERENCES "job_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "task_attempt" ADD CONSTRAINT "task_attempt_taskRunId_fkey" FOREIGN KEY ("taskRunId") REFERENCES "task_run"("id") ON DELETE CASCADE ON UPDATE CASCADE;



-- What Prisma's schema language cannot say ---------------------------------------------------------------------------

-- One object per path; a deleted one frees it.
CREATE UNIQUE INDEX "workspace_object_live_path" ON "workspace_object" ("workspaceId", "path") WHERE "deletedAt" IS NULL;
-- What is still to be delivered, in order.
CREATE INDEX "outbox_pending" ON "outbox" ("id") WHERE "deliveredAt" IS NULL;
