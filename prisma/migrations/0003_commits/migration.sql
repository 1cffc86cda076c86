-- CreateTable
CREATE TABLE "delta_commit" (
    "tableId" TEXT NOT NULL,
    "version" BIGINT NOT NULL,
    "path" TEXT NOT NULL,
    "publishedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "delta_commit_pkey" PRIMARY KEY ("tableId","version")
);

-- AddForeignKey
ALTER TABLE "delta_commit" ADD CONSTRAINT "delta_commit_tableId_fkey" FOREIGN KEY ("tableId") REFERENCES "table"("id") ON DELETE CASCADE ON UPDATE CASCADE;
