"""The WSGI entry point granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gezhi.site.settings")
application = get_wsgi_application()
# Everything is loaded before the first visitor comes, and what is loaded stays: the collector need not walk
# through it again and again (0.2 s each time).
_loaded = get_resolver().url_patterns
gc.freeze()
