/**
 * Every id is a UUID in lower case (RFC 9562). Makers use version 7, whose leading bits are a time, so that database indexes grow at one end. Readers
 * accept any version and derive nothing from it.
 */
export const UUID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
