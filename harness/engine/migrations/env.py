"""Run by Alembic, never imported: works on the connection that it is given, in its transaction."""

from alembic import context

from harness.engine.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot change a column in place: `alembic revision --autogenerate` writes a new table
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
