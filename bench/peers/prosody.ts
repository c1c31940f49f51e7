import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DOMAIN, freePort, onPath, runningPeer, startProgram, type Peer } from './peer.ts'

/** Prosody names files by what they hold, with everything but letters and digits as %xx. */
const folderOf = (host: string): string => host.replaceAll('.', '%2e')

export const prosody: Peer = {
  name: 'prosody with archive',
  wire: 'xmpp',
  durability: 'Archived by mod_mam in files that are appended to and not fsynced: survives the process, not the machine. Acknowledged by XEP-0198.',
  missing: () => (onPath('prosody') ? null : 'prosody'),
  async start(folder, users) {
    const port = await freePort()
    const accounts = join(folder, 'data', folderOf(DOMAIN), 'accounts')
    mkdirSync(accounts, { recursive: true })
    for (let user = 0; user < users; user++) writeFileSync(join(accounts, `u${user}.dat`), 'return { ["password"] = "x" };\n')
    const config = join(folder, 'prosody.cfg.lua')
    writeFileSync(
      config,
      `run_as_root = true
pidfile = "${folder}/prosody.pid"
data_path = "${folder}/data"
modules_enabled = { "saslauth", "roster", "smacks", "mam" }
modules_disabled = { "s2s", "tls", "offline" }
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
authentication = "internal_plain"
storage = "internal"
default_archive_policy = true
archive_expires_after = "never"
archive_item_limit = 1000000
c2s_ports = { ${port} }
c2s_direct_tls_ports = {}
s2s_ports = {}
interfaces = { "127.0.0.1" }
limits = {}
log = { warn = "*console" }
VirtualHost "${DOMAIN}"
`,
    )
    const started = await startProgram('prosody', ['--config', config, '-F'], port, { cwd: folder })
    return runningPeer(port, [started])
  },
}
