"""Field encryption with keys kept outside the database, and blind indexes to search by equality.

    from gezhi.foundation.sealed.services import blind_index, rotate, seal, unseal

Whoever holds the database alone reads nothing, and a backup of it is worth nothing without the keys folder.
"""
