"""
What Django REST framework says to visitors, in our own words for each language of the site.

The framework's own catalogues speak to programmers. A message that is named here is found by `makemessages`, and what
our catalogue says for it goes before what theirs says; in English it stays as it is.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

MESSAGES = (
    _("Date has wrong format. Use one of these formats instead: {format}."),
    _("Ensure this field has no more than {max_length} characters."),
    _("Ensure this field has no more than {max_length} elements."),
    _("Enter a valid email address."),
    _("Expected available in {wait} second."),
    _("Expected available in {wait} seconds."),
    _("Request was throttled."),
    _("This field is required."),
    _("This field may not be blank."),
    _("You do not have permission to perform this action."),
)
