"""Text: written forms, spoken forms, codes, markup."""
