import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A device that takes a restored history as it is.
replaceAtSeams([{ seam: 'put-back', to: 'const putBack = await options.enqueue([], heads)' }])
