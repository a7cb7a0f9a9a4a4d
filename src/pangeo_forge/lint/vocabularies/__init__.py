"""The words that others have agreed on: licences, roles, iDs, and what people write instead."""
