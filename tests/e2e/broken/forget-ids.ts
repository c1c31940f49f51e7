import { rewriteSource } from './rewrite-source.ts'

// A server that does not know an id again: every try becomes an entry of its own.
rewriteSource('/adapters/sqlite/write-append.ts', 'if (known) return repeat(job, known)', '')
rewriteSource('/adapters/sqlite/migrations.ts', "'utf8')", "'utf8').replace('UNIQUE (author_key, id)', 'CHECK (seq > 0)')")
