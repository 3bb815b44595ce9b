"""The appraisal lever: who rates, what is measured, how fair the ratings are."""
