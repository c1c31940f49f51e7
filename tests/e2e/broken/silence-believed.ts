import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A device that believes in a connection that has fallen silent.
replaceAtSeams([{ seam: 'watch-silence', to: '' }])
