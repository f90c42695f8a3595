"""What can be asked from nothing? Two lines a record: one, and many."""

# Each record's module declares its GraphQL type; the names below refer to them.
from graphql_api.types import (
    account,
    activity,
    annotation,
    approval,
    competitor,
    credit_note,
    currency,
    discount_list,
    invoice,
    lead,
    money,
    opportunity,
    order,
    payment,
    pipeline,
    price_list,
    product,
    quote,
    status,
    tax,
    unit,
    viewer,
    webhook,
)
from graphql_api.types.definition import root
from graphql_api.types.grouping import root_groups
from graphql_api.types.insight import (
    root_attention,
    root_forecast,
    root_pipeline_by_stage,
    root_pipeline_movement,
    root_pipeline_moves,
    root_receivables,
    root_receivables_by_account,
    root_stage_performance,
)
from graphql_api.types.lookup import root_node, root_nodes, root_one, root_viewer
from graphql_api.types.paging import root_many
from graphql_api.types.priced_document import root_price_document
from graphql_api.types.quote import root_quote_diff
from graphql_api.types.search import root_search
from graphql_api.types.stream import root_event_cursor

TYPES = (
    account,
    approval,
    activity,
    annotation,
    discount_list,
    currency,
    credit_note,
    competitor,
    invoice,
    lead,
    money,
    opportunity,
    order,
    pipeline,
    payment,
    price_list,
    product,
    quote,
    status,
    tax,
    unit,
    viewer,
    webhook,
)
_LATEST = "The number that people use; of several revisions the latest is found."
# What every record of the chain is grouped by.
_COMMON = "status status_reason owner account currency_code created_at"


@root("Everything that can be read. Each operation is answered from one snapshot.")
class Query:
    """The root of every query."""

    node = root_node()
    nodes = root_nodes()
    viewer = root_viewer()
    search = root_search()
    event_cursor = root_event_cursor()
    price_document = root_price_document()
    quote_diff = root_quote_diff()
    lead_groups = root_groups("Lead", f"source {_COMMON}", "estimated_value budget")
    opportunity_groups = root_groups(
        "Opportunity",
        f"pipeline stage forecast_category estimated_close_on actual_close_on {_COMMON}",
        "estimated_revenue actual_revenue total",
    )
    quote_groups = root_groups("Quote", f"valid_until {_COMMON}", "total")
    order_groups = root_groups("Order", f"fulfillment_status billing_status {_COMMON}", "total")
    invoice_groups = root_groups("Invoice", f"issued_on due_on {_COMMON}", "total balance")
    pipeline_by_stage = root_pipeline_by_stage()
    pipeline_movement = root_pipeline_movement()
    pipeline_moves = root_pipeline_moves()
    forecast = root_forecast()
    stage_performance = root_stage_performance()
    receivables = root_receivables()
    receivables_by_account = root_receivables_by_account()
    attention = root_attention()

    lead = root_one("Lead")
    leads = root_many("Lead", "Leads: who may want to buy.")
    account = root_one("Account", number="The account number that people use.")
    accounts = root_many("Account", "Accounts: organisations that buy, or might.")
    contact = root_one("Contact")
    contacts = root_many("Contact", "Contacts: people at customers.")
    activity = root_one("Activity")
    activities = root_many("Activity", "Activities: tasks, phone calls, e-mails and appointments.")
    product = root_one("Product", number="The product number that people use.")
    products = root_many("Product", "The catalogue.")
    unit_group = root_one("UnitGroup", name="Its name.")
    unit_groups = root_many("UnitGroup", "What quantities are counted in: unit groups with their units.")
    exchange_rate = root_one("ExchangeRate")
    exchange_rates = root_many("ExchangeRate", "Exchange rates of currencies, each from a day on.")
    tax_code = root_one("TaxCode", code="The code that people use, for example VAT.")
    tax_codes = root_many("TaxCode", "Taxes with their rates, retired ones as well.")
    price_list = root_one("PriceList", name="Its name.")
    price_lists = root_many("PriceList", "Price lists.")
    discount_list = root_one("DiscountList", name="Its name.")
    discount_lists = root_many("DiscountList", "Volume discounts by quantity.")
    competitor = root_one("Competitor", name="The name, as it is written.")
    competitors = root_many("Competitor", "Competitors: who else wants the deals.")
    opportunity = root_one("Opportunity")
    opportunities = root_many("Opportunity", "Opportunities: deals in the making, won and lost ones as well.")
    pipeline = root_one("Pipeline", code="The stable code that programs use.")
    pipelines = root_many("Pipeline", "Pipelines: the ways of selling, each with its own stages.")
    stages = root_many("Stage", "The steps of all pipelines, in their order.", order=(("position", False),))
    status_reason = root_one("StatusReason")
    status_reasons = root_many(
        "StatusReason",
        "Why records are in their states: every reason, inactive ones as well.",
        order=(("of_record", False), ("of_status", False), ("position", False)),
    )
    approval_policy = root_one("ApprovalPolicy")
    approval_policies = root_many("ApprovalPolicy", "Approval policies: which quotes wait for whom.")
    quote = root_one("Quote", number=_LATEST, latest="revision")
    quotes = root_many("Quote", "Quotes, every revision.")
    order = root_one("Order", number="The order number that people use.")
    orders = root_many("Order", "Orders: what customers agreed to buy.")
    invoice = root_one("Invoice", number="The invoice number that people use; drafts have none.")
    invoices = root_many("Invoice", "Invoices: what is owed, and what is paid.")
    credit_note = root_one("CreditNote", number="The credit note number that people use.")
    credit_notes = root_many("CreditNote", "Credit notes: what of invoices is taken back.")
    customer_credit = root_one("CustomerCredit")
    customer_credits = root_many("CustomerCredit", "Customer credit: what is owed to customers.")
    webhook_endpoint = root_one("WebhookEndpoint")
    webhook_endpoints = root_many("WebhookEndpoint", "Webhook endpoints: programs that are told of events.")
    webhook_delivery = root_one("WebhookDelivery")
    webhook_deliveries = root_many("WebhookDelivery", "Webhook deliveries: what was sent, or is to be sent.")
