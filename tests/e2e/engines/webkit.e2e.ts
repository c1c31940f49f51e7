import { test } from 'node:test'
import { startWebKit } from './webkit.ts'
import { mainJob } from './main-job.ts'

test(
  '[C1] [C2] [C3] [C20] [C22] [D4] [I5] [I6] [I9] [I11] [M5] [R4] two people do in WebKit what people do every day',
  { timeout: 180_000 },
  async (t) => {
    await mainJob(t, await startWebKit(t))
  },
)
