import { auditStoreContract } from '../../../../../tests/contract/audit-store.ts'
import { itemsPropertyContract } from '../../../../../tests/contract/items-property.ts'
import { logItemsContract } from '../../../../../tests/contract/log-items.ts'
import { logMembershipContract } from '../../../../../tests/contract/log-membership.ts'
import { logPropertyContract } from '../../../../../tests/contract/log-property.ts'
import { logStoreContract } from '../../../../../tests/contract/log-store.ts'
import { outageReportsContract } from '../../../../../tests/contract/outage-reports.ts'
import { receiptStoreContract } from '../../../../../tests/contract/receipt-store.ts'
import { devicePositionContract, resumeStoreContract } from '../../../../../tests/contract/resume-store.ts'
import { sqlDatabaseContract } from '../../../../../tests/contract/sql-database.ts'
import { openSubject } from '../../../../../tests/contract/sqlite-subject.ts'

logStoreContract('sqlite', openSubject)
logMembershipContract('sqlite', openSubject)
logItemsContract('sqlite', openSubject)
itemsPropertyContract('sqlite', openSubject)
resumeStoreContract('sqlite', openSubject)
devicePositionContract('sqlite', openSubject)
receiptStoreContract('sqlite', openSubject)
sqlDatabaseContract('sqlite', openSubject)
auditStoreContract('sqlite', openSubject)
logPropertyContract('sqlite', openSubject)
outageReportsContract('sqlite', openSubject)
