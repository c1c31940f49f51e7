/**
 * Every id is a UUID in lower case (RFC 9562). Makers use version 7, whose leading bits are time, so that
 * database indexes grow at one end; readers accept any version and read nothing out of it.
 */
export const UUID_PATTERN = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
