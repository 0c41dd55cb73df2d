"""What an operator or the business may change; data, no logic beyond reading it."""
