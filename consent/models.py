from __future__ import annotations

from consent.records import BlockedLoad, Receipt, Revision, Seal
from consent.register_models import Purpose, Service, StorageItem, Wording

__all__ = ["BlockedLoad", "Purpose", "Receipt", "Revision", "Seal", "Service", "StorageItem", "Wording"]
