"""A client that plays the 2024 national review of social work governance, over HTTP like any other."""
