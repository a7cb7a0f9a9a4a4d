"""What the text of recipe modules says, found without running any of it."""
