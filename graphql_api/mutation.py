"""Which commands can be run? The published transitions, one line each."""

import strawberry

# The modules of all types, so that payloads find the records they name, and enums their descriptions.
from graphql_api import query
from graphql_api.types import choices
from graphql_api.types.command import publish
from models import account, conversion, invoice, lead, opportunity, order, product, quote

TYPES = (*query.TYPES, choices)


@strawberry.type(
    description=(
        "Every command of the sales process. Mutation fields run one after another, each in a transaction of "
        "its own, and each answer is read in that transaction, as deeply as a query."
    )
)
class Mutation:
    """The root of every mutation."""

    create_account = publish(account.create_account)
    share_account = publish(account.share_account)
    unshare_account = publish(account.unshare_account)
    create_contact = publish(conversion.create_contact)
    create_product = publish(product.create_product)
    publish_product = publish(product.publish_product)

    capture_lead = publish(conversion.capture_lead)
    create_lead = publish(conversion.create_lead)
    record_qualification = publish(lead.record_qualification)
    qualify_lead = publish(conversion.qualify_lead)
    disqualify_lead = publish(conversion.disqualify_lead)
    reactivate_lead = publish(lead.reactivate_lead)

    create_opportunity = publish(conversion.create_opportunity)
    update_opportunity = publish(opportunity.update_opportunity)
    add_opportunity_line = publish(conversion.add_opportunity_line)
    update_opportunity_line = publish(conversion.update_opportunity_line)
    remove_opportunity_line = publish(conversion.remove_opportunity_line)
    move_opportunity_stage = publish(opportunity.move_opportunity_stage)
    win_opportunity = publish(conversion.win_opportunity)
    lose_opportunity = publish(conversion.lose_opportunity)
    reopen_opportunity = publish(conversion.reopen_opportunity)

    generate_quote_from_opportunity = publish(conversion.generate_quote_from_opportunity)
    update_quote = publish(quote.update_quote)
    add_quote_line = publish(conversion.add_quote_line)
    update_quote_line = publish(conversion.update_quote_line)
    remove_quote_line = publish(conversion.remove_quote_line)
    activate_quote = publish(conversion.activate_quote)
    present_quote = publish(quote.present_quote)
    revise_quote = publish(conversion.revise_quote)
    accept_quote = publish(conversion.accept_quote)
    close_quote = publish(conversion.close_quote)

    submit_order = publish(order.submit_order)
    fulfill_order = publish(order.fulfill_order)
    cancel_order = publish(conversion.cancel_order)

    invoice_order = publish(conversion.invoice_order)
    issue_invoice = publish(invoice.issue_invoice)
    record_payment = publish(invoice.record_payment)
    discard_invoice = publish(conversion.discard_invoice)
    cancel_invoice = publish(conversion.cancel_invoice)
