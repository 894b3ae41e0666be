"""Field encryption with keys kept outside the database, and blind indexes to search by equality."""
