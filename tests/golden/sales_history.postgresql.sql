WITH p0(c0, c1, c2, c3) AS (
SELECT CAST(account_.id AS TEXT) AS id_0, account_.name AS name_1, CAST(account_owner_.id AS TEXT) AS owner_id_2, account_owner_.name AS owner_name_3
FROM account AS account_ LEFT OUTER JOIN "user" AS account_owner_ ON account_owner_.id = account_.owner_id
WHERE account_.number = %(p0_key)s::VARCHAR
), p1(c0, c1, c2, c3, owner) AS (
SELECT opportunities_page_.id_0, opportunities_page_.name_1, opportunities_page_.lead_id_2, opportunities_page_.lead_topic_3, CAST(opportunities_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c0 AS UUID) AS value
FROM p0
WHERE c0 IS NOT NULL) AS opportunities_keys_ JOIN LATERAL (SELECT CAST(opportunities_.id AS TEXT) AS id_0, opportunities_.name AS name_1, CAST(opportunities_lead_.id AS TEXT) AS lead_id_2, opportunities_lead_.topic AS lead_topic_3
FROM opportunity AS opportunities_ LEFT OUTER JOIN lead AS opportunities_lead_ ON opportunities_lead_.id = opportunities_.lead_id
WHERE opportunities_.account_id = opportunities_keys_.value ORDER BY opportunities_.id ASC
LIMIT 10::INTEGER) AS opportunities_page_ ON true
), p2(c0, c1, c2, c3, c4, c5, c6, c7, owner) AS (
SELECT quotes_page_.number_0, quotes_page_.status_1, quotes_page_.valid_until_2, quotes_page_.total_3, quotes_page_.currency_code_4, quotes_page_.id_5, quotes_page_.order_id_6, quotes_page_.order_number_7, CAST(quotes_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c0 AS UUID) AS value
FROM p1
WHERE c0 IS NOT NULL) AS quotes_keys_ JOIN LATERAL (SELECT quotes_.number AS number_0, quotes_.status AS status_1, CAST(quotes_.valid_until AS TEXT) AS valid_until_2, CAST(quotes_.total AS TEXT) AS total_3, quotes_.currency_code AS currency_code_4, CAST(quotes_.id AS TEXT) AS id_5, CAST(quotes_order_.id AS TEXT) AS order_id_6, quotes_order_.number AS order_number_7
FROM quote AS quotes_ LEFT OUTER JOIN "order" AS quotes_order_ ON quotes_order_.quote_id = quotes_.id
WHERE quotes_.opportunity_id = quotes_keys_.value ORDER BY quotes_.id ASC
LIMIT 10::INTEGER) AS quotes_page_ ON true
), p3(c0, c1, c2, c3, c4, c5, c6, owner) AS (
SELECT lines_page_.position_0, lines_page_.description_1, lines_page_.quantity_2, lines_page_.price_per_unit_3, lines_page_.currency_code_4, lines_page_.product_id_5, lines_page_.product_number_6, CAST(lines_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c5 AS UUID) AS value
FROM p2
WHERE c5 IS NOT NULL) AS lines_keys_ JOIN LATERAL (SELECT CAST(lines_.position AS TEXT) AS position_0, lines_.description AS description_1, CAST(lines_.quantity AS TEXT) AS quantity_2, CAST(lines_.price_per_unit AS TEXT) AS price_per_unit_3, lines_.currency_code AS currency_code_4, CAST(lines_product_.id AS TEXT) AS product_id_5, lines_product_.number AS product_number_6
FROM quote_line AS lines_ LEFT OUTER JOIN product AS lines_product_ ON lines_product_.id = lines_.product_id
WHERE lines_.quote_id = lines_keys_.value ORDER BY lines_.position ASC, lines_.id ASC
LIMIT 10::INTEGER) AS lines_page_ ON true
), p4(c0, c1, c2, c3, owner) AS (
SELECT invoices_page_.number_0, invoices_page_.due_on_1, invoices_page_.balance_2, invoices_page_.currency_code_3, CAST(invoices_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c6 AS UUID) AS value
FROM p2
WHERE c6 IS NOT NULL AND c6 IS NOT NULL) AS invoices_keys_ JOIN LATERAL (SELECT invoices_.number AS number_0, CAST(invoices_.due_on AS TEXT) AS due_on_1, CAST(invoices_.balance AS TEXT) AS balance_2, invoices_.currency_code AS currency_code_3
FROM invoice AS invoices_
WHERE invoices_.order_id = invoices_keys_.value ORDER BY invoices_.id ASC
LIMIT 10::INTEGER) AS invoices_page_ ON true
)
SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, NULL, NULL, NULL, NULL, 0, '' FROM p0
UNION ALL SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, NULL, NULL, NULL, NULL, 1, owner FROM p1
UNION ALL SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, c4::TEXT, c5::TEXT, c6::TEXT, c7::TEXT, 2, owner FROM p2
UNION ALL SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, c4::TEXT, c5::TEXT, c6::TEXT, NULL, 3, owner FROM p3
UNION ALL SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, NULL, NULL, NULL, NULL, 4, owner FROM p4
-- 20 rows
