import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A device that forgets some of what was under way when its connection breaks, as one does whose outbox is a list of requests.
replaceAtSeams([
  {
    seam: 'under-way-at-break',
    to: `return outbox
    .filter((item) => item.progress !== 'sending' || Math.random() < 0.7)
    .map((item) => (item.progress === 'sending' ? { ...item, progress: 'waiting', tries: 0, until: 0 } : item))`,
  },
])
