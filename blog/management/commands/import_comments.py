from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from blog.importers import disqus, isso, wordpress
from blog.importers.posts import Posts
from blog.importers.records import UnusableFile
from blog.importers.storing import import_comments

SOURCES = {"wordpress": wordpress.comments_in, "disqus": disqus.comments_in, "isso": isso.comments_in}


class Command(BaseCommand):
    help = "Take over comments from WordPress (export file), Disqus (export file) or Isso (its database)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("source", choices=SOURCES)
        parser.add_argument("file", type=Path)
        parser.add_argument("--map", type=Path, metavar="FILE.csv", help="Old and new addresses of posts, two a row.")
        parser.add_argument("--dry-run", action="store_true", help="Say what would happen, and store nothing.")

    def handle(self, *args: Any, **options: Any) -> None:
        source, is_dry_run = options["source"], options["dry_run"]
        try:
            summary = import_comments(
                source=source,
                found=SOURCES[source](options["file"]),
                posts=Posts(options["map"]),
                is_dry_run=is_dry_run,
            )
        except UnusableFile as error:
            raise CommandError(str(error)) from error
        except IntegrityError as error:
            raise CommandError("Posts or comments changed at the same time. Start it again: it goes on.") from error
        for line in summary.lines():
            self.stdout.write(line)
        if is_dry_run:
            self.stdout.write("A dry run: nothing was stored.")
