import { rewriteSource } from './rewrite-source.ts'

// A server that does not know an id again: every try becomes an entry of its own.
rewriteSource('/adapters/sqlite/write-append.ts', 'if (known) return repeat(job, known)', '')
rewriteSource('/adapters/sqlite/migrations.ts', "'utf8')", "'utf8').replace('UNIQUE (author_key, id)', 'CHECK (seq > 0)')")
// And one whose answers are slow, so that every kill falls between some commit and its answer.
rewriteSource(
  '/conversation/append.ts',
  'answer(result)\n  if (result.ok',
  'await new Promise((resolve) => setTimeout(resolve, 40))\n  answer(result)\n  if (result.ok',
)
