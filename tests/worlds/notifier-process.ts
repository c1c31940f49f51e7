import { argv, exit } from 'node:process'
import { systemClock } from '../../apps/sentinel/src/clock.ts'
import { exampleSnapshot } from './status-snapshots.ts'
import { createMailer } from '../../apps/sentinel/src/notify/mailer.ts'
import { createNotifier } from '../../apps/sentinel/src/notify/notifier.ts'
import { openNotifyStore } from '../../apps/sentinel/src/notify/open-store.ts'
import { subscriberKeys } from '../../apps/sentinel/src/notify/subscriber-keys.ts'
import { createWebhookSender } from '../../apps/sentinel/src/notify/webhook-sender.ts'

// A notifier in a process of its own, which a test kills. It ends by itself when everybody has been told.
const [, , file = '', smtpUrl = ''] = argv
const clock = systemClock
const store = openNotifyStore(file, clock.now())
const notifier = createNotifier({
  store,
  keys: subscriberKeys(Buffer.alloc(32, 1)),
  mailer: createMailer({ url: smtpUrl, from: { name: '봉수', address: 'status@example.kr' }, clock }),
  webhooks: createWebhookSender({ allowPrivate: true, clock }),
  clock,
  snapshot: () => exampleSnapshot(),
  serviceUrl: 'https://status.example.kr',
  apiLanguage: 'ko',
  warn: () => undefined,
})
notifier.look()
clock.every(20, () => {
  if (notifier.health().waiting === 0) exit(0)
})
