import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A database that never syncs.
replaceAtSeams([{ seam: 'sqlite-sync', to: "db.exec('PRAGMA synchronous = OFF')" }])
