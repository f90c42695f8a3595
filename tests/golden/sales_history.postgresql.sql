SELECT account_.id AS id_0, account_.name AS name_1, account_owner_.id AS owner_id_2, account_owner_.name AS owner_name_3
FROM account AS account_ LEFT OUTER JOIN "user" AS account_owner_ ON account_owner_.id = account_.owner_id
WHERE account_.number = %(key)s::VARCHAR
-- 1 rows

SELECT opportunities_page_.id_0, opportunities_page_.name_1, opportunities_page_.lead_id_2, opportunities_page_.lead_topic_3, opportunities_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS opportunities_keys_(value, place) JOIN LATERAL (SELECT opportunities_.id AS id_0, opportunities_.name AS name_1, opportunities_lead_.id AS lead_id_2, opportunities_lead_.topic AS lead_topic_3
FROM opportunity AS opportunities_ LEFT OUTER JOIN lead AS opportunities_lead_ ON opportunities_lead_.id = opportunities_.lead_id
WHERE opportunities_.account_id = opportunities_keys_.value ORDER BY opportunities_.id ASC
LIMIT %(limit)s::INTEGER) AS opportunities_page_ ON true
-- 2 rows

SELECT quotes_page_.number_0, quotes_page_.status_1, quotes_page_.valid_until_text_2, quotes_page_.total_3, quotes_page_.currency_code_4, quotes_page_.id_5, quotes_page_.order_id_6, quotes_page_.order_number_7, quotes_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS quotes_keys_(value, place) JOIN LATERAL (SELECT quotes_.number AS number_0, quotes_.status AS status_1, to_char(quotes_.valid_until, 'YYYY-MM-DD') AS valid_until_text_2, quotes_.total AS total_3, quotes_.currency_code AS currency_code_4, quotes_.id AS id_5, quotes_order_.id AS order_id_6, quotes_order_.number AS order_number_7
FROM quote AS quotes_ LEFT OUTER JOIN "order" AS quotes_order_ ON quotes_order_.quote_id = quotes_.id
WHERE quotes_.opportunity_id = quotes_keys_.value ORDER BY quotes_.id ASC
LIMIT %(limit)s::INTEGER) AS quotes_page_ ON true
-- 4 rows

SELECT lines_page_.position_0, lines_page_.description_1, lines_page_.quantity_2, lines_page_.price_per_unit_3, lines_page_.currency_code_4, lines_page_.product_id_5, lines_page_.product_number_6, lines_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS lines_keys_(value, place) JOIN LATERAL (SELECT lines_.position AS position_0, lines_.description AS description_1, lines_.quantity AS quantity_2, lines_.price_per_unit AS price_per_unit_3, lines_.currency_code AS currency_code_4, lines_product_.id AS product_id_5, lines_product_.number AS product_number_6
FROM quote_line AS lines_ LEFT OUTER JOIN product AS lines_product_ ON lines_product_.id = lines_.product_id
WHERE lines_.quote_id = lines_keys_.value ORDER BY lines_.position ASC, lines_.id ASC
LIMIT %(limit)s::INTEGER) AS lines_page_ ON true
-- 12 rows

SELECT invoices_page_.number_0, invoices_page_.due_on_text_1, invoices_page_.balance_2, invoices_page_.currency_code_3, invoices_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS invoices_keys_(value, place) JOIN LATERAL (SELECT invoices_.number AS number_0, to_char(invoices_.due_on, 'YYYY-MM-DD') AS due_on_text_1, invoices_.balance AS balance_2, invoices_.currency_code AS currency_code_3
FROM invoice AS invoices_
WHERE invoices_.order_id = invoices_keys_.value ORDER BY invoices_.id ASC
LIMIT %(limit)s::INTEGER) AS invoices_page_ ON true
-- 1 rows
