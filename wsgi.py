"""The service for any WSGI server: `gunicorn wsgi:app`. Settings come from ANJU_* variables."""

from service import bootstrap

_settings = bootstrap.load_settings()
bootstrap.refuse_wrong_clock(bootstrap.build(_settings, name="anju-check"))
app = bootstrap.create_app(_settings)
bootstrap.settle()
