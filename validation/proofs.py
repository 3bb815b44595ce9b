"""The long proofs, each with the page that holds its table and the code it covers."""

from __future__ import annotations

from collections.abc import Iterator

from validation.stamps import Proof

MODELS = (
    "src/sim/inference/data/checks.py",
    "src/sim/inference/data/panel_data.py",
    "src/sim/inference/data/scales.py",
    "src/sim/inference/models",
    "validation/coverage.py",
)
"""What all statistical models use; how files are read is another matter."""

RATINGS = Proof(
    "recovery-ratings",
    page="docs/inference.md",
    target="proof-recovery",
    covers=(*MODELS, "src/sim/inference/ratings", "validation/ratings.py"),
)
EVALUATION = Proof(
    "recovery-evaluation",
    page="docs/evaluation.md",
    target="proof-recovery",
    covers=(
        *MODELS,
        "src/sim/inference/desk",
        "src/sim/inference/evaluation",
        "src/sim/inference/trials",
        "validation/evaluation.py",
    ),
)
NULLS = Proof(
    "recovery-nulls",
    page="docs/evaluation.md",
    target="proof-recovery",
    covers=(
        *MODELS,
        "src/sim/inference/desk/posterior_predictive.py",
        "src/sim/inference/evaluation",
        "src/sim/inference/ratings",
        "validation/nulls.py",
    ),
)
KILLS = Proof(
    "kills",
    page="docs/reliability.md",
    target="proof-kills",
    covers=("src/sim/study", "src/sim/runs", "tests/reliability/kill_study.py"),
)

CENTRE = Proof(
    "treatment-centre",
    page="docs/verification.md",
    target="proof-treatment-centre",
    covers=(
        "src/sim/desk/kernel.py",
        "src/sim/agency/routes.py",
        "src/sim/world/steps",
        "validation/treatment_centre.py",
    ),
)

PROOFS = (RATINGS, EVALUATION, NULLS, KILLS, CENTRE)


def stale() -> Iterator[str]:
    """Give a line for every table in the docs that was made with other code than there is now."""
    for proof in PROOFS:
        stamped = proof.stamped()
        if stamped != proof.digest():
            made = f"with other code (stamp {stamped})" if stamped else "before there were stamps"
            yield f"{proof.page}, {proof.name}: made {made}; `make {proof.target}` makes it anew"
