SELECT search_.noun AS noun_0, search_.id AS id_1, concat('{"rank":', search_.rank, ',"record":') AS text_2, 0 AS owner
FROM (SELECT search_entry.id AS id, search_entry.noun AS noun, CASE WHEN (substr(search_entry.title, 1, length(+?)) = +?) THEN 0 WHEN (search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?)) THEN 1 ELSE 2 END AS rank
FROM search_entry
WHERE search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?) AND (search_entry.noun = 'account' AND (EXISTS (SELECT account.id
FROM account
WHERE account.id = search_entry.id AND account.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'contact' AND (EXISTS (SELECT contact.id
FROM contact
WHERE contact.id = search_entry.id AND contact.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'invoice' AND (EXISTS (SELECT invoice.id
FROM invoice
WHERE invoice.id = search_entry.id AND invoice.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'lead' AND (EXISTS (SELECT lead.id
FROM lead
WHERE lead.id = search_entry.id AND lead.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'opportunity' AND (EXISTS (SELECT opportunity.id
FROM opportunity
WHERE opportunity.id = search_entry.id AND opportunity.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'order' AND (EXISTS (SELECT "order".id
FROM "order"
WHERE "order".id = search_entry.id AND "order".account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'product' OR search_entry.noun = 'quote' AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = search_entry.id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))))) AS search_
WHERE search_.noun IN (SELECT search_where_1_.value
FROM json_each(+?) AS search_where_1_) ORDER BY search_.rank ASC, search_.id DESC
LIMIT +? OFFSET +?
-- 2 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM (SELECT search_entry.id AS id, search_entry.noun AS noun, CASE WHEN (substr(search_entry.title, 1, length(+?)) = +?) THEN 0 WHEN (search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?)) THEN 1 ELSE 2 END AS rank
FROM search_entry
WHERE search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?) AND (search_entry.noun = 'account' AND (EXISTS (SELECT account.id
FROM account
WHERE account.id = search_entry.id AND account.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'contact' AND (EXISTS (SELECT contact.id
FROM contact
WHERE contact.id = search_entry.id AND contact.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'invoice' AND (EXISTS (SELECT invoice.id
FROM invoice
WHERE invoice.id = search_entry.id AND invoice.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'lead' AND (EXISTS (SELECT lead.id
FROM lead
WHERE lead.id = search_entry.id AND lead.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'opportunity' AND (EXISTS (SELECT opportunity.id
FROM opportunity
WHERE opportunity.id = search_entry.id AND opportunity.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'order' AND (EXISTS (SELECT "order".id
FROM "order"
WHERE "order".id = search_entry.id AND "order".account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) OR search_entry.noun = 'product' OR search_entry.noun = 'quote' AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = search_entry.id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))))) AS search_
WHERE search_.noun IN (SELECT search_where_1_.value
FROM json_each(+?) AS search_where_1_)
LIMIT +? OFFSET +?) AS search_page_) AS anon_1, 0 AS owner
-- 1 rows

SELECT record_quote_.id AS id_0, record_quote_keys_."key" AS owner
FROM json_each(+?) AS record_quote_keys_ JOIN quote AS record_quote_ ON record_quote_.id = unhex(record_quote_keys_.value)
WHERE record_quote_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?)
-- 2 rows
