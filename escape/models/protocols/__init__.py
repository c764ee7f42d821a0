"""Wire protocols, one per file, each on the provider's own SDK.

In: a prompt. Out: an `Answer`, or a `ModelError` that says in words what went wrong and what to do about it.
"""

from escape.models.protocols.anthropic_messages import MessagesModel
from escape.models.protocols.listing import Listed
from escape.models.protocols.openai import ChatModel
from escape.models.protocols.sdk import SdkModel
from escape.models.protocols.wire import Request, tokens_left
