-- CreateTable
CREATE TABLE "engine" (
    "id" TEXT NOT NULL,
    "workspaceId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "tls" BOOLEAN NOT NULL,
    "token" TEXT,
    "caCertificate" TEXT,
    "storageUrl" TEXT,
    "everybody" BOOLEAN NOT NULL DEFAULT true,
    "createdBy" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "engine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "engine_user" (
    "engineId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,

    CONSTRAINT "engine_user_pkey" PRIMARY KEY ("engineId","userId")
);

-- CreateIndex
CREATE UNIQUE INDEX "engine_workspaceId_name_key" ON "engine"("workspaceId", "name");

-- AddForeignKey
ALTER TABLE "engine_user" ADD CONSTRAINT "engine_user_engineId_fkey" FOREIGN KEY ("engineId") REFERENCES "engine"("id") ON DELETE CASCADE ON UPDATE CASCADE;
