"""What listens: a receiver of webhooks that only says "look now". Off unless it is asked for."""
