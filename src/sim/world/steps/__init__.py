"""Services of several steps: their queues, their random numbers, and what their cases went through."""
