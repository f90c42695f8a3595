"""Which commands can be run? The published transitions, one line each."""

# The modules of all types, so that payloads find the records they name, and enums their descriptions.
from graphql_api import query
from graphql_api.types import choices
from graphql_api.types.bulk import publish_bulk
from graphql_api.types.command import publish
from graphql_api.types.definition import root
from models import (
    account,
    activity,
    approval,
    competitor,
    conversion,
    currency,
    discount_list,
    invoice,
    lead,
    opportunity,
    payment,
    pipeline,
    price_list,
    product,
    quote,
    status_reason,
    tax,
    unit,
    webhook,
)

TYPES = (*query.TYPES, choices)


@root(
    "Every command of the sales process. Mutation fields run one after another, each in a transaction of "
    "its own, and each answer is read in that transaction, as deeply as a query."
)
class Mutation:
    """The root of every mutation."""

    create_account = publish(account.create_account)
    update_account = publish(account.update_account)
    deactivate_account = publish(conversion.deactivate_account)
    reactivate_account = publish(account.reactivate_account)
    share_account = publish(account.share_account)
    unshare_account = publish(account.unshare_account)
    create_contact = publish(conversion.create_contact)
    set_exchange_rate = publish(currency.set_exchange_rate)
    create_tax_code = publish(tax.create_tax_code)
    add_tax_rate = publish(tax.add_tax_rate)
    retire_tax_code = publish(tax.retire_tax_code)
    reactivate_tax_code = publish(tax.reactivate_tax_code)
    update_contact = publish(account.update_contact)
    deactivate_contact = publish(conversion.deactivate_contact)
    reactivate_contact = publish(account.reactivate_contact)
    create_unit_group = publish(unit.create_unit_group)
    add_unit = publish(unit.add_unit)
    remove_unit = publish(unit.remove_unit)
    assign_account = publish(conversion.assign, "account")
    comment_account = publish(conversion.comment, "account")
    tag_account = publish(conversion.tag, "account")
    assign_contact = publish(conversion.assign, "contact")
    comment_contact = publish(conversion.comment, "contact")
    tag_contact = publish(conversion.tag, "contact")
    create_approval_policy = publish(approval.create_approval_policy)
    update_approval_policy = publish(approval.update_approval_policy)
    create_product = publish(product.create_product)
    update_product = publish(product.update_product)
    add_bundle_product = publish(product.add_bundle_product)
    remove_bundle_product = publish(product.remove_bundle_product)
    relate_product = publish(product.relate_product)
    unrelate_product = publish(product.unrelate_product)
    publish_product = publish(product.publish_product)
    publish_product_family = publish(product.publish_product_family)
    revise_product = publish(product.revise_product)
    revert_product = publish(product.revert_product)
    retire_product = publish(product.retire_product)
    activate_product = publish(product.activate_product)
    create_discount_list = publish(discount_list.create_discount_list)
    update_discount_list = publish(discount_list.update_discount_list)
    deactivate_discount_list = publish(discount_list.deactivate_discount_list)
    activate_discount_list = publish(discount_list.activate_discount_list)
    create_price_list = publish(price_list.create_price_list)
    update_price_list = publish(price_list.update_price_list)
    add_price_list_item = publish(price_list.add_price_list_item)
    end_price_list_item = publish(price_list.end_price_list_item)
    remove_price_list_item = publish(price_list.remove_price_list_item)
    deactivate_price_list = publish(price_list.deactivate_price_list)
    activate_price_list = publish(price_list.activate_price_list)

    create_competitor = publish(competitor.create_competitor)
    update_competitor = publish(competitor.update_competitor)
    activate_competitor = publish(competitor.activate_competitor)
    deactivate_competitor = publish(competitor.deactivate_competitor)

    create_pipeline = publish(pipeline.create_pipeline)
    update_pipeline = publish(pipeline.update_pipeline)
    activate_pipeline = publish(pipeline.activate_pipeline)
    deactivate_pipeline = publish(pipeline.deactivate_pipeline)
    add_stage = publish(pipeline.add_stage)
    update_stage = publish(pipeline.update_stage)
    reorder_stages = publish(pipeline.reorder_stages)
    retire_stage = publish(pipeline.retire_stage)
    restore_stage = publish(pipeline.restore_stage)

    add_status_reason = publish(status_reason.add_status_reason)
    update_status_reason = publish(status_reason.update_status_reason)
    activate_status_reason = publish(status_reason.activate_status_reason)
    deactivate_status_reason = publish(status_reason.deactivate_status_reason)

    capture_lead = publish(conversion.capture_lead)
    create_lead = publish(conversion.create_lead)
    update_lead = publish(lead.update_lead)
    record_qualification = publish(lead.record_qualification)
    mark_lead_contacted = publish(conversion.mark_lead_contacted)
    nurture_lead = publish(conversion.nurture_lead)
    qualify_lead = publish(conversion.qualify_lead)
    undo_qualify_lead = publish(conversion.undo_qualify_lead)
    disqualify_lead = publish(conversion.disqualify_lead)
    reactivate_lead = publish(lead.reactivate_lead)
    assign_lead = publish(conversion.assign, "lead")
    comment_lead = publish(conversion.comment, "lead")
    tag_lead = publish(conversion.tag, "lead")
    merge_leads = publish(conversion.merge_leads)
    delete_lead = publish(conversion.delete_lead)

    create_activity = publish(activity.create_activity)
    update_activity = publish(activity.update_activity)
    complete_activity = publish(activity.complete_activity)
    cancel_activity = publish(activity.cancel_activity)

    create_opportunity = publish(conversion.create_opportunity)
    update_opportunity = publish(opportunity.update_opportunity)
    set_revenue_mode = publish(opportunity.set_revenue_mode)
    add_opportunity_line = publish(conversion.add_opportunity_line)
    update_opportunity_line = publish(conversion.update_opportunity_line)
    move_opportunity_line = publish(conversion.move_opportunity_line)
    remove_opportunity_line = publish(conversion.remove_opportunity_line)
    reprice_opportunity = publish(conversion.reprice_opportunity)
    move_opportunity_stage = publish(opportunity.move_opportunity_stage)
    change_opportunity_pipeline = publish(opportunity.change_opportunity_pipeline)
    hold_opportunity = publish(opportunity.hold_opportunity)
    resume_opportunity = publish(opportunity.resume_opportunity)
    add_opportunity_stakeholder = publish(opportunity.add_opportunity_stakeholder)
    remove_opportunity_stakeholder = publish(opportunity.remove_opportunity_stakeholder)
    add_sales_team_member = publish(opportunity.add_sales_team_member)
    remove_sales_team_member = publish(opportunity.remove_sales_team_member)
    add_opportunity_competitor = publish(opportunity.add_opportunity_competitor)
    remove_opportunity_competitor = publish(opportunity.remove_opportunity_competitor)
    win_opportunity = publish(conversion.win_opportunity)
    lose_opportunity = publish(conversion.lose_opportunity)
    reopen_opportunity = publish(conversion.reopen_opportunity)
    assign_opportunity = publish(conversion.assign, "opportunity")
    comment_opportunity = publish(conversion.comment, "opportunity")
    tag_opportunity = publish(conversion.tag, "opportunity")

    generate_quote_from_opportunity = publish(conversion.generate_quote_from_opportunity)
    create_quote = publish(conversion.create_quote)
    copy_opportunity_lines = publish(conversion.copy_opportunity_lines)
    update_quote = publish(quote.update_quote)
    add_quote_line = publish(conversion.add_quote_line)
    update_quote_line = publish(conversion.update_quote_line)
    move_quote_line = publish(conversion.move_quote_line)
    remove_quote_line = publish(conversion.remove_quote_line)
    submit_quote_for_approval = publish(conversion.submit_quote_for_approval)
    approve_quote = publish(conversion.approve_quote)
    reject_quote_approval = publish(conversion.reject_quote_approval)
    reprice_quote = publish(conversion.reprice_quote)
    activate_quote = publish(conversion.activate_quote)
    present_quote = publish(conversion.present_quote)
    revise_quote = publish(conversion.revise_quote)
    accept_quote = publish(conversion.accept_quote)
    revert_quote_acceptance = publish(conversion.revert_quote_acceptance)
    decline_quote = publish(conversion.decline_quote)
    close_quote = publish(conversion.close_quote)
    assign_quote = publish(conversion.assign, "quote")
    comment_quote = publish(conversion.comment_quote)
    tag_quote = publish(conversion.tag, "quote")

    create_order = publish(conversion.create_order)
    update_order = publish(conversion.update_order)
    add_order_line = publish(conversion.add_order_line)
    update_order_line = publish(conversion.update_order_line)
    remove_order_line = publish(conversion.remove_order_line)
    lock_order_pricing = publish(conversion.lock_order_pricing)
    unlock_order_pricing = publish(conversion.unlock_order_pricing)
    submit_order = publish(conversion.submit_order)
    recall_order = publish(conversion.recall_order)
    fulfill_order = publish(conversion.fulfill_order)
    close_order_short = publish(conversion.close_order_short)
    cancel_fulfillment = publish(conversion.cancel_fulfillment)
    return_items = publish(conversion.return_items)
    cancel_order = publish(conversion.cancel_order)
    assign_order = publish(conversion.assign, "order")
    comment_order = publish(conversion.comment, "order")
    tag_order = publish(conversion.tag, "order")

    invoice_order = publish(conversion.invoice_order)
    invoice_deposit = publish(conversion.invoice_deposit)
    create_invoice = publish(conversion.create_invoice)
    update_invoice = publish(conversion.update_invoice)
    add_invoice_line = publish(conversion.add_invoice_line)
    update_invoice_line = publish(conversion.update_invoice_line)
    remove_invoice_line = publish(conversion.remove_invoice_line)
    lock_invoice_pricing = publish(conversion.lock_invoice_pricing)
    unlock_invoice_pricing = publish(conversion.unlock_invoice_pricing)
    issue_invoice = publish(invoice.issue_invoice)
    record_payment = publish(conversion.record_payment)
    mark_invoice_paid = publish(conversion.mark_invoice_paid)
    reverse_payment = publish(conversion.reverse_payment)
    apply_customer_credit = publish(conversion.apply_customer_credit)
    refund_customer_credit = publish(payment.refund_customer_credit)
    create_credit_note = publish(conversion.create_credit_note)
    discard_invoice = publish(conversion.discard_invoice)
    cancel_invoice = publish(conversion.cancel_invoice)
    assign_invoice = publish(conversion.assign, "invoice")
    comment_invoice = publish(conversion.comment, "invoice")
    tag_invoice = publish(conversion.tag, "invoice")

    bulk_create_account = publish_bulk(account.create_account)
    bulk_create_contact = publish_bulk(conversion.create_contact)
    bulk_create_product = publish_bulk(product.create_product)
    bulk_capture_lead = publish_bulk(conversion.capture_lead)
    bulk_create_lead = publish_bulk(conversion.create_lead)
    bulk_qualify_lead = publish_bulk(conversion.qualify_lead)
    bulk_disqualify_lead = publish_bulk(conversion.disqualify_lead)
    bulk_create_opportunity = publish_bulk(conversion.create_opportunity)
    bulk_fulfill_order = publish_bulk(conversion.fulfill_order)
    bulk_invoice_order = publish_bulk(conversion.invoice_order)
    bulk_issue_invoice = publish_bulk(invoice.issue_invoice)
    bulk_record_payment = publish_bulk(conversion.record_payment)

    create_webhook_endpoint = publish(webhook.create_webhook_endpoint)
    update_webhook_endpoint = publish(webhook.update_webhook_endpoint)
    rotate_webhook_secret = publish(webhook.rotate_webhook_secret)
    enable_webhook_endpoint = publish(webhook.enable_webhook_endpoint)
    disable_webhook_endpoint = publish(webhook.disable_webhook_endpoint)
    delete_webhook_endpoint = publish(webhook.delete_webhook_endpoint)
    send_test_webhook = publish(webhook.send_test_webhook)
    replay_webhook = publish(webhook.replay_webhook)
