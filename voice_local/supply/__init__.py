"""The supply chain of models: fetching, converting, verifying, locking, carrying and signing."""
