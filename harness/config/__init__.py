"""Settings: declared in `sections`, merged from layers, and the only reader of the environment.

`environ` and `paths` use the standard library alone, so that `--help`, `status` and `why` start
fast; `load` and `settings` need pydantic.
"""
