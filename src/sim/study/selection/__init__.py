"""Select the best policy with a stated probability."""
