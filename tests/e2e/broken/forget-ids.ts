import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

replaceAtSeams([
  // A server that does not know an id again: every try becomes an entry of its own.
  { seam: 'sqlite-known-id', to: 'const known = null' },
  {
    seam: 'sqlite-migration-text',
    to: "sql: readFileSync(new URL(`./migrations/${file}`, import.meta.url), 'utf8').replace('UNIQUE (author_key, id)', 'CHECK (seq > 0)'),",
  },
  // And one whose answers are slow, so that every kill falls between some commit and its answer.
  { seam: 'answer-sender', to: 'await new Promise((resolve) => setTimeout(resolve, 40)); answer(result)' },
])
