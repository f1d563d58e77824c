-- Creates the database and the roles of a cluster's coordination: psql -v ON_ERROR_STOP=1 <coordination-roles.sql, as an
-- administrator, on the primary. It can be run again. The passwords are set afterwards with \password, and the schema is created
-- by 'kisfeed cluster setup' (deploy/README.md).

\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I %s', name, attributes)
FROM (VALUES
    -- Owns the schema, and logs in only to create or update it.
    ('kisfeed_owner', 'LOGIN CONNECTION LIMIT 5'),
    -- The rights of ingests and edges: to execute the functions and to read. 'kisfeed cluster setup --gateways kisfeed_gateways'
    -- grants them.
    ('kisfeed_gateways', 'NOLOGIN'),
    -- The right to read. 'kisfeed cluster setup --monitors kisfeed_monitors' grants it.
    ('kisfeed_monitors', 'NOLOGIN'),
    ('kisfeed_ingest', 'LOGIN IN ROLE kisfeed_gateways'),
    ('kisfeed_edge', 'LOGIN IN ROLE kisfeed_gateways'),
    ('kisfeed_monitor', 'LOGIN CONNECTION LIMIT 10 IN ROLE kisfeed_monitors')
) AS roles (name, attributes)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name)
\gexec

SELECT 'CREATE DATABASE kisfeed OWNER kisfeed_owner' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'kisfeed')
\gexec

-- Nobody else connects.
REVOKE ALL ON DATABASE kisfeed FROM PUBLIC;
GRANT CONNECT ON DATABASE kisfeed TO kisfeed_gateways, kisfeed_monitors;

-- A lease that was granted must not be forgotten when a standby is promoted. So these roles wait for a standby even if the
-- server's default is not to.
ALTER ROLE kisfeed_ingest IN DATABASE kisfeed SET synchronous_commit = on;
ALTER ROLE kisfeed_edge IN DATABASE kisfeed SET synchronous_commit = on;

-- The statements are short; compiling them takes longer than executing them.
ALTER ROLE kisfeed_ingest IN DATABASE kisfeed SET jit = off;
ALTER ROLE kisfeed_edge IN DATABASE kisfeed SET jit = off;

\connect kisfeed
REVOKE ALL ON SCHEMA public FROM PUBLIC;
