"""Field encryption with keys kept outside the database, and blind indexes to search by equality.

Whoever holds the database alone reads nothing, and a backup of it is worth nothing without the keys folder.
"""

from gezhi.foundation.sealed.services import blind_index, rotate, seal, unseal

__all__ = ["blind_index", "rotate", "seal", "unseal"]
