"""Services of Compose projects: their files are changed, and their containers made anew from what these then say."""
