import { connect } from 'node:net'
import { DOMAIN } from './peer.ts'
import type { ConnectUser } from './user.ts'

const OPEN = `<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='${DOMAIN}' version='1.0'>`
const ACK = /<a [^>]*\bh=['"](\d+)['"]/
/** In the presence by which a room says that one is in it. */
const ENTERED = /<status code=['"]110['"]/
const ID = /^<message\b[^>]*\bid=['"]([^'"]+)['"]/

/**
 * Just enough XMPP: SASL PLAIN, bind, stream management (XEP-0198). An acknowledgement is asked for with every message, as phones do.
 * Stanzas are found by their text, which holds for what these servers send and keeps the generator light.
 */
export const connectXmpp: ConnectUser = (port, user, listener) =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.setNoDelay(true)
    socket.setEncoding('utf8')
    let text = ''
    let step = 0
    /** Stanzas handled here since stream management began, as the server counts them. */
    let handled = 0
    /** Stanzas sent, and the id of each that is not acknowledged yet; null where it is no message. */
    let acknowledged = 0
    const waiting: (string | null)[] = []
    /** Rooms that have not answered yet, and whom that holds up. */
    let entering = 0
    let entered = (): void => {}

    const STEPS: readonly (readonly [until: string, say: string])[] = [
      [
        '</stream:features>',
        `<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>${Buffer.from(`\0u${user}\0x`).toString('base64')}</auth>`,
      ],
      ['<success', OPEN],
      ['</stream:features>', `<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource></bind></iq>`],
      ['</iq>', `<enable xmlns='urn:xmpp:sm:3'/><presence/>`],
      ['<enabled', ''],
    ]

    function stanza(it: string): void {
      if (it.startsWith('<a ')) {
        const upTo = Number(ACK.exec(it)?.[1] ?? 0)
        for (; acknowledged < upTo; acknowledged++) {
          const id = waiting.shift()
          if (id === undefined) listener.wrong(`u${user} sent ${acknowledged} stanzas and ${upTo} were acknowledged`)
          else if (id !== null) listener.acknowledged(id)
          if (id === undefined) break
        }
      } else if (it.startsWith('<r ') || it.startsWith('<r/')) socket.write(`<a xmlns='urn:xmpp:sm:3' h='${handled}'/>`)
      else {
        handled++
        if (it.startsWith('<presence')) {
          if (it.includes("type='error'")) listener.wrong(it.slice(0, 200))
          else if (ENTERED.test(it) && --entering === 0) entered()
          return
        }
        // The subject of a room comes with the entering.
        if (it.includes("type='groupchat'")) return
        if (!it.startsWith('<message')) return
        const id = ID.exec(it)?.[1]
        if (it.includes("type='error'") || id === undefined) listener.wrong(it.slice(0, 200))
        else listener.received(id)
      }
    }

    function read(): void {
      for (;;) {
        const from = text.indexOf('<')
        const name = /^<([a-z:]+)/.exec(text.slice(from, from + 24))?.[1]
        const close = text.indexOf('>', from)
        if (from === -1 || close === -1) return
        if (name === undefined) return void (text.startsWith('</stream', from) && listener.wrong('the stream was closed'))
        const tail = `</${name}>`
        const end = text[close - 1] === '/' ? close + 1 : text.indexOf(tail, close) + tail.length
        if (end < close) return
        stanza(text.slice(from, end))
        text = text.slice(end)
      }
    }

    socket.on('connect', () => socket.write(OPEN))
    socket.on('data', (data: string) => {
      text += data
      for (let next = STEPS[step]; next !== undefined; next = STEPS[step]) {
        const at = text.indexOf(next[0])
        if (text.includes('<failure')) return reject(new Error(`u${user} could not sign in: ${text.slice(0, 300)}`))
        if (at === -1) return
        text = text.slice(text.indexOf('>', at) + 1)
        step++
        if (next[1] !== '') socket.write(next[1])
        if (step === STEPS.length) {
          waiting.push(null)
          resolve({
            say(to, id, body) {
              waiting.push(id)
              socket.write(`<message to='u${to}@${DOMAIN}' type='chat' id='${id}'><body>${body}</body></message><r xmlns='urn:xmpp:sm:3'/>`)
            },
            async join(rooms) {
              await new Promise<void>((done) => {
                entering = rooms.length
                entered = done
                for (const room of rooms) {
                  waiting.push(null)
                  socket.write(
                    `<presence to='r${room}@conference.${DOMAIN}/u${user}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
                  )
                }
              })
            },
          })
        }
      }
      read()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      listener.wrong(`the connection of u${user} ended`)
      reject(new Error(`the connection of u${user} ended`))
    })
  })
