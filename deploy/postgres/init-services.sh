#!/bin/bash
# Run once by the PostgreSQL image on an empty volume: one role and one database per service, closed to the others.
set -euo pipefail

psql() { command psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres "$@"; }

psql <<'SQL'
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
REVOKE ALL ON DATABASE template1 FROM PUBLIC;
SQL

for service in registry treatment incidents reporting gateway; do
  variable="${service^^}_DB_PASSWORD"
  psql -v name="$service" -v password="${!variable:?$variable is not set}" <<'SQL'
CREATE ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
