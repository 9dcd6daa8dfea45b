#!/bin/sh
# PostgreSQL: makes the cluster, the role and the database of the service if they are missing, and serves.
#
#   PGDATA                  where the cluster is
#   DATABASE_PASSWORD_FILE  the password of the role 'ticketing'
# Words after the name of the script go to the server: -c listen_addresses=10.10.30.20
set -eu
umask 077
settings=/etc/lab/database
password=$(cat "$DATABASE_PASSWORD_FILE")

# One statement a line, by a server that nobody can connect to, before the one that serves. Its own settings
# only: a mistake in postgresql.conf is to be told by the server that reads it.
alone() {
    postgres --single -j -D "$PGDATA" "$1" >/dev/null
}

if [ ! -e "$PGDATA/PG_VERSION" ]; then
    echo 'db: making an empty cluster'
    # In a folder beside it first: one that was cut off half-way must not be taken for a whole one.
    rm -rf "$PGDATA.new"
    # Order and upper case by the code points of Unicode, the same on every system, for ever.
    initdb --pgdata "$PGDATA.new" --username postgres --auth-local peer --auth-host scram-sha-256 \
        --encoding UTF8 --locale-provider builtin --builtin-locale C.UTF-8 --locale C --data-checksums \
        --no-instructions >/dev/null
    PGDATA=$PGDATA.new alone postgres <<SQL
CREATE ROLE ticketing LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;

CREATE DATABASE ticketing OWNER ticketing;

REVOKE CONNECT, TEMPORARY ON DATABASE ticketing FROM PUBLIC;

SQL
    mv "$PGDATA.new" "$PGDATA"
fi

# The password is a file that can be made anew while the volume stays. Only then: the extra start takes a
# second, and after a crash it would have the log replayed twice.
digest=$(printf '%s' "$password" | sha256sum)
if [ "$(cat "$PGDATA.password" 2>/dev/null)" != "$digest" ]; then
    alone postgres <<SQL
ALTER ROLE ticketing PASSWORD '$password';

SQL
    printf '%s\n' "$digest" >"$PGDATA.password"
fi

exec postgres -D "$PGDATA" -c config_file="$settings/postgresql.conf" -c hba_file="$settings/pg_hba.conf" "$@"
