import { rewriteSource } from './rewrite-source.ts'

// A device that forgets some of what was under way when its connection breaks, as one does whose outbox is a list of requests.
rewriteSource(
  '/client/src/outbox.ts',
  'return outbox.map((item) => (item.progress === ',
  "return outbox.filter((item) => item.progress !== 'sending' || Math.random() < 0.7).map((item) => (item.progress === ",
)
