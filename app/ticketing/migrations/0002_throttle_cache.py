"""Make the table of the cache that throttles count in, so that `migrate` is all a new database needs."""

from django.core.management import call_command
from django.db import migrations


def make_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):

    dependencies = [("ticketing", "0001_initial")]

    # Nothing to undo: a cache table left behind is harmless, and createcachetable passes over it.
    operations = [migrations.RunPython(make_table, migrations.RunPython.noop)]
