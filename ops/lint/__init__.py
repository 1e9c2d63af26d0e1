"""What is checked without running a test."""
