import { rewriteSource } from './rewrite-source.ts'

// A database that syncs at checkpoints alone: it survives a kill, and forgets what it accepted in a power cut.
rewriteSource('/adapters/sqlite/connection.ts', 'PRAGMA synchronous = FULL', 'PRAGMA synchronous = NORMAL')
