"""Model providers, and the only package that uses a network.

In: a name such as `openai:gpt-5` and a key. Out: a `Model` that answers one prompt, a list of models, a
price. A provider is one entry in `PROVIDERS`. A wire protocol is one file in `protocols/`.
"""

from escape.models.llamacpp import fetch_small_model, small_model
from escape.models.network import free_port, is_loopback
from escape.models.offers import Offer, suggested, suggested_judge
from escape.models.prices import NOTHING, Bill, Prices
from escape.models.providers import EFFORTS, PROVIDERS
from escape.models.specs import (
    ApiKey,
    ApiKeys,
    build,
    family,
    instructed,
    is_scripted,
    key_for,
    key_scope,
    list_models,
    parse,
    provider_of,
    warm,
    with_budget,
)
