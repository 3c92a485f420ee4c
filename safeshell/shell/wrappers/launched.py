"""Programs known under another name: `python -m pip` is `pip`, `python manage.py` is `manage.py`."""

from __future__ import annotations

from typing import Final

from safeshell.shell.word import Word
from safeshell.shell.wrappers.call import word

_MODULES: Final = {
    "django": "django-admin",
    "awscli": "aws",
    "azure.cli": "az",
    "ansible": "ansible",
    "ansible.cli.playbook": "ansible-playbook",
    "flask.cli": "flask",
    "alembic.config": "alembic",
    "celery.bin": "celery",
    "twine.__main__": "twine",
    "pip._internal": "pip",
    "pip.__main__": "pip",
    "borgbackup": "borg",
    "IPython": "ipython",
    "yt_dlp": "yt-dlp",
    "pre_commit": "pre-commit",
    "redis_cli": "redis-cli",
}
SAME_NAME: Final = frozenset(
    "pip pipx pipenv poetry uv conda pytest tox nox flask alembic celery dramatiq rq huey twine"
    " black ruff mypy isort"
    " flake8 pylint coverage ansible salt fabric invoke borg gunicorn uvicorn hypercorn daphne manage scrapy airflow"
    " dbt prefect dagster luigi supervisor aerich peewee_migrate yoyo s3cmd eralchemy mkdocs sphinx build hatch pdm"
    " platformio httpie streamlit jupyter notebook".split()
)
"""Modules whose program has the module's name."""

SCRIPTS: Final = frozenset(
    "manage.py artisan console rails rake bundle spring setup.py symfony wp wp-cli.phar drush drush.phar composer"
    " composer.phar magento occ craft yii cake spark thinkphp prisma knex sequelize sequelize-cli typeorm migrate"
    " drizzle-kit nest ng vue-cli-service webpack pip pip3 pytest celery alembic flask gunicorn django-admin ace"
    " node-pg-migrate db-migrate redis-cli.py waf odoo-bin frappe bench scrapy certbot awscli aws".split()
)
"""Scripts that the packs know by name, whatever interpreter is put in front of them."""


def module_program(module: Word) -> Word:
    """The program that a Python module is: `pip` of `-m pip`; a module of no such name stays itself."""
    return word(_MODULES.get(module.text, module.text), module)


def is_program(module: Word) -> bool:
    """Whether a Python module is a program that the packs may know."""
    return module.text in SAME_NAME or module.text in _MODULES


def is_known_script(script: Word) -> bool:
    """Whether a script is one that the packs may know by its name."""
    return script.text.rpartition("/")[2] in SCRIPTS
