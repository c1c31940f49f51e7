import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A device that sends several texts of one conversation without waiting for their answers.
replaceAtSeams([{ seam: 'one-under-way', to: '' }])
