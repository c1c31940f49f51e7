import { addedContract } from '../../../../../tests/contract/added.ts'
import { auditStoreContract } from '../../../../../tests/contract/audit-store.ts'
import { burstContract } from '../../../../../tests/contract/burst.ts'
import { itemsPropertyContract } from '../../../../../tests/contract/items-property.ts'
import { journalContract } from '../../../../../tests/contract/journal.ts'
import { logItemsContract } from '../../../../../tests/contract/log-items.ts'
import { logMembershipContract } from '../../../../../tests/contract/log-membership.ts'
import { logPropertyContract } from '../../../../../tests/contract/log-property.ts'
import { logRequestsContract } from '../../../../../tests/contract/log-requests.ts'
import { logRolesContract } from '../../../../../tests/contract/log-roles.ts'
import { logStoreContract } from '../../../../../tests/contract/log-store.ts'
import { outageReportsContract } from '../../../../../tests/contract/outage-reports.ts'
import { processesContract } from '../../../../../tests/contract/processes.ts'
import { receiptStoreContract } from '../../../../../tests/contract/receipt-store.ts'
import { casesContract } from '../../../../../tests/contract/cases.ts'
import { reportsContract } from '../../../../../tests/contract/reports.ts'
import { requestsContract } from '../../../../../tests/contract/requests.ts'
import { devicePositionContract, resumeStoreContract } from '../../../../../tests/contract/resume-store.ts'
import { revokedDevicesContract } from '../../../../../tests/contract/revoked-devices.ts'
import { sqlDatabaseContract } from '../../../../../tests/contract/sql-database.ts'
import { staffContract } from '../../../../../tests/contract/staff.ts'
import { openPostgresSubject } from '../../../../../tests/contract/postgres-subject.ts'
import { startPostgres, type PostgresServer } from '../../../../../tests/contract/postgres-server.ts'
import { after, before } from 'node:test'

let server: PostgresServer
before(async () => {
  server = await startPostgres()
})
after(() => server.remove())
const openSubject = () => openPostgresSubject(server)

logStoreContract('postgres', openSubject)
logMembershipContract('postgres', openSubject)
logRequestsContract('postgres', openSubject)
logRolesContract('postgres', openSubject)
requestsContract('postgres', openSubject)
addedContract('postgres', openSubject)
logItemsContract('postgres', openSubject)
itemsPropertyContract('postgres', openSubject)
resumeStoreContract('postgres', openSubject)
devicePositionContract('postgres', openSubject)
receiptStoreContract('postgres', openSubject)
revokedDevicesContract('postgres', openSubject)
sqlDatabaseContract('postgres', openSubject)
auditStoreContract('postgres', openSubject)
logPropertyContract('postgres', openSubject)
outageReportsContract('postgres', openSubject)
processesContract('postgres', openSubject)
burstContract('postgres', openSubject)
journalContract('postgres', openSubject)
staffContract('postgres', openSubject)
reportsContract('postgres', openSubject)
casesContract('postgres', openSubject)
