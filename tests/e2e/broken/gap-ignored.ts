import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A device that applies entries in the order of their arrival, whatever is missing before them.
replaceAtSeams([{ seam: 'gap-in-entries', to: `if (room === undefined) return { state, effects: [{ do: 'refresh', conversationId }] }` }])
