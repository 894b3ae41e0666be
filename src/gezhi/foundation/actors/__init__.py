"""Who acts: users, roles, posts, agencies, API keys, and what each may see."""
