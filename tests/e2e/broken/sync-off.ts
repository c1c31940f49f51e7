import { rewriteSource } from './rewrite-source.ts'

// A database that never syncs.
rewriteSource('/adapters/sqlite/connection.ts', 'PRAGMA synchronous = FULL', 'PRAGMA synchronous = OFF')
