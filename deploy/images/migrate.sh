#!/bin/sh
# What the database needs before the app servers start; run at each start, changes only what is missing.
#
#   LAB_USERS_FILE      JSON list of the lab's users (username, password, role, departments)
#   SEED_COUNT, SEED    how many tickets an empty database gets, and from which seed
set -eu
# The edge has this volume too, for /data/media, as another user: it may go through, and read nothing else.
umask 077
chmod 711 /data
[ -d /data/media ] || mkdir -m 755 /data/media
[ ! -e /data/db.sqlite3 ] || chmod 600 /data/db.sqlite3*
[ ! -e /data/fixtures ] || chmod 700 /data/fixtures
# A migration may change data, so what is there is kept first.
python manage.py write_backup --before-migration /data/backups
python manage.py migrate --noinput --verbosity 0
python manage.py purge_expired
fixture=/data/fixtures/generated_tickets.json
if [ ! -e "$fixture" ]; then
    mkdir -p "$(dirname "$fixture")"
    python manage.py generate_tickets --count "$SEED_COUNT" --seed "$SEED" --output "$fixture"
fi
python manage.py load_tickets --if-empty "$fixture"
# After the departments, since agents work in them. .env is where a user looks passwords up, so what it says
# holds, also over those of an earlier .env.
python manage.py ensure_users --reset-passwords "$LAB_USERS_FILE"
