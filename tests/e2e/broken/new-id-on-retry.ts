import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A device that gives a text another id at each further try.
replaceAtSeams([
  {
    seam: 'send-frame',
    to: `send: ((again) => (item) => session.send({ ...upFrameOf(item), id: again.has(item.id) ? random.uuid() : (again.add(item.id), item.id) }))(new Set()),`,
  },
])
