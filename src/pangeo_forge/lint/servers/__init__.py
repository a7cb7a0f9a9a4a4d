"""What servers are asked with ``--online``, and which of them never."""
