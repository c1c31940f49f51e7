-- Looked for at each heartbeat, among devices that only become more.
CREATE INDEX devices_revoked ON devices (revoked_at) WHERE revoked_at IS NOT NULL;
