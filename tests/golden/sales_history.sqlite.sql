SELECT account_.id AS id_0, account_.name AS name_1, account_owner_.id AS owner_id_2, account_owner_.name AS owner_name_3
FROM account AS account_ LEFT OUTER JOIN user AS account_owner_ ON account_owner_.id = account_.owner_id
WHERE account_.number = ?
-- 1 rows

SELECT opportunities_.id AS id_0, opportunities_.name AS name_1, opportunities_lead_.id AS lead_id_2, opportunities_lead_.topic AS lead_topic_3, unhex(opportunities_keys_.value) AS owner
FROM json_each(?) AS opportunities_keys_ JOIN opportunity AS opportunities_ ON opportunities_.id IN (SELECT opportunities_page_.id
FROM opportunity AS opportunities_page_
WHERE opportunities_page_.account_id = unhex(opportunities_keys_.value) ORDER BY opportunities_page_.id ASC
LIMIT +? OFFSET ?) LEFT OUTER JOIN lead AS opportunities_lead_ ON opportunities_lead_.id = opportunities_.lead_id ORDER BY opportunities_keys_."key", opportunities_.id ASC
-- 2 rows

SELECT quotes_.number AS number_0, quotes_.status AS status_1, quotes_.valid_until AS valid_until_2, quotes_.total AS total_3, quotes_.currency_code AS currency_code_4, quotes_.id AS id_5, quotes_order_.id AS order_id_6, quotes_order_.number AS order_number_7, unhex(quotes_keys_.value) AS owner
FROM json_each(?) AS quotes_keys_ JOIN quote AS quotes_ ON quotes_.id IN (SELECT quotes_page_.id
FROM quote AS quotes_page_
WHERE quotes_page_.opportunity_id = unhex(quotes_keys_.value) ORDER BY quotes_page_.id ASC
LIMIT +? OFFSET ?) LEFT OUTER JOIN "order" AS quotes_order_ ON quotes_order_.quote_id = quotes_.id ORDER BY quotes_keys_."key", quotes_.id ASC
-- 4 rows

SELECT lines_.position AS position_0, lines_.description AS description_1, lines_.quantity AS quantity_2, lines_.price_per_unit AS price_per_unit_3, lines_.currency_code AS currency_code_4, lines_product_.id AS product_id_5, lines_product_.number AS product_number_6, unhex(lines_keys_.value) AS owner
FROM json_each(?) AS lines_keys_ JOIN quote_line AS lines_ ON lines_.id IN (SELECT lines_page_.id
FROM quote_line AS lines_page_
WHERE lines_page_.quote_id = unhex(lines_keys_.value) ORDER BY lines_page_.position ASC, lines_page_.id ASC
LIMIT +? OFFSET ?) LEFT OUTER JOIN product AS lines_product_ ON lines_product_.id = lines_.product_id ORDER BY lines_keys_."key", lines_.position ASC, lines_.id ASC
-- 12 rows

SELECT invoices_.number AS number_0, invoices_.due_on AS due_on_1, invoices_.balance AS balance_2, invoices_.currency_code AS currency_code_3, unhex(invoices_keys_.value) AS owner
FROM json_each(?) AS invoices_keys_ JOIN invoice AS invoices_ ON invoices_.id IN (SELECT invoices_page_.id
FROM invoice AS invoices_page_
WHERE invoices_page_.order_id = unhex(invoices_keys_.value) ORDER BY invoices_page_.id ASC
LIMIT +? OFFSET ?) ORDER BY invoices_keys_."key", invoices_.id ASC
-- 1 rows
