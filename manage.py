#!/usr/bin/env python
from __future__ import annotations

import gc
import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cms.settings")
    gc.disable()  # loading makes many objects and hardly any garbage
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    gc.enable()
    execute_from_command_line(sys.argv)
