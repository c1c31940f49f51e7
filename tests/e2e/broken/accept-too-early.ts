import { replaceAtSeams } from '../../seams/replace-at-seams.ts'

// A server that answers before the entry is durable, with the place it is going to have, as a server with a write-behind cache does.
replaceAtSeams([
  {
    seam: 'append-to-log',
    to: `const head = (await parts.log.heads([request.conversationId])).get(request.conversationId)?.head ?? 0
  answer({ ok: true, seq: head + 1, acceptedAt: parts.clock.now(), repeated: false, body: request.body, accounts: [] })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const [result] = await parts.log.append([request], parts.clock.now())`,
  },
])
