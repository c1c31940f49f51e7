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
import { openSubject } from '../../../../../tests/contract/sqlite-subject.ts'

logStoreContract('sqlite', openSubject)
logMembershipContract('sqlite', openSubject)
logRequestsContract('sqlite', openSubject)
logRolesContract('sqlite', openSubject)
requestsContract('sqlite', openSubject)
addedContract('sqlite', openSubject)
logItemsContract('sqlite', openSubject)
itemsPropertyContract('sqlite', openSubject)
resumeStoreContract('sqlite', openSubject)
devicePositionContract('sqlite', openSubject)
receiptStoreContract('sqlite', openSubject)
revokedDevicesContract('sqlite', openSubject)
sqlDatabaseContract('sqlite', openSubject)
auditStoreContract('sqlite', openSubject)
logPropertyContract('sqlite', openSubject)
outageReportsContract('sqlite', openSubject)
processesContract('sqlite', openSubject)
burstContract('sqlite', openSubject)
journalContract('sqlite', openSubject)
staffContract('sqlite', openSubject)
reportsContract('sqlite', openSubject)
casesContract('sqlite', openSubject)
