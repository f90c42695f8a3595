WITH p0(c0, c1) AS (
SELECT CAST(account_.id AS TEXT) AS id_0, concat('","name":', json_scalar(account_.name), ',"owner":', CASE WHEN (account_owner_.id IS NULL) THEN 'null' ELSE concat('{"name":', json_scalar(account_owner_.name), '}') END, ',"opportunities":') AS text_1
FROM account AS account_ LEFT OUTER JOIN "user" AS account_owner_ ON account_owner_.id = account_.owner_id
WHERE account_.number = %(p0_key)s::VARCHAR
), p1(c0, c1, owner) AS (
SELECT opportunities_page_.id_0, opportunities_page_.text_1, opportunities_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p0
WHERE c0 IS NOT NULL) AS opportunities_keys_ JOIN LATERAL (SELECT CAST(opportunities_.id AS TEXT) AS id_0, concat('","name":', json_scalar(opportunities_.name), ',"lead":', CASE WHEN (opportunities_lead_.id IS NULL) THEN 'null' ELSE concat('{"topic":', json_scalar(opportunities_lead_.topic), '}') END, ',"quotes":') AS text_1
FROM opportunity AS opportunities_ LEFT OUTER JOIN lead AS opportunities_lead_ ON opportunities_lead_.id = opportunities_.lead_id
WHERE opportunities_.account_id = CAST(opportunities_keys_.value AS UUID) ORDER BY opportunities_.id ASC
LIMIT 10::INTEGER) AS opportunities_page_ ON true
), p2(c0, c1, c2, c3, owner) AS (
SELECT quotes_page_.id_0, quotes_page_.order_id_1, quotes_page_.text_2, quotes_page_.text_3, quotes_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p1
WHERE c0 IS NOT NULL) AS quotes_keys_ JOIN LATERAL (SELECT CAST(quotes_.id AS TEXT) AS id_0, CAST(quotes_order_.id AS TEXT) AS order_id_1, CASE WHEN (CAST(quotes_order_.id AS TEXT) IS NOT NULL) THEN concat('{"number":', json_scalar(quotes_order_.number), ',"invoices":') END AS text_2, concat('{"number":', json_scalar(quotes_.number), ',"status":"', quotes_.status, '","validUntil":', CASE WHEN (quotes_.valid_until IS NULL) THEN 'null' ELSE concat('"', quotes_.valid_until, '"') END, ',"total":{"amount":"', CASE WHEN mod(quotes_.total, 10000) = 0 AND quotes_.currency_code NOT IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND', 'CLF', 'UYW') THEN (quotes_.total / 10000) * 0.01 ELSE round(quotes_.total * 0.000001, greatest(min_scale(quotes_.total * 0.000001), CASE WHEN quotes_.currency_code IN ('EUR', 'USD') THEN 2 WHEN quotes_.currency_code IS NULL OR quotes_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN quotes_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN quotes_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END)) END, '","currencyCode":', json_scalar(quotes_.currency_code), '},"lines":') AS text_3
FROM quote AS quotes_ LEFT OUTER JOIN "order" AS quotes_order_ ON quotes_order_.quote_id = quotes_.id
WHERE quotes_.opportunity_id = CAST(quotes_keys_.value AS UUID) ORDER BY quotes_.id ASC
LIMIT 10::INTEGER) AS quotes_page_ ON true
), p3(c0, owner) AS (
SELECT lines_page_.text_0, lines_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p2
WHERE c0 IS NOT NULL) AS lines_keys_ JOIN LATERAL (SELECT concat('{"position":', lines_.position, ',"description":', json_scalar(lines_.description), ',"quantity":"', trim_scale(lines_.quantity * 0.000001), '","pricePerUnit":{"amount":"', CASE WHEN mod(lines_.price_per_unit, 10000) = 0 AND lines_.currency_code NOT IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND', 'CLF', 'UYW') THEN (lines_.price_per_unit / 10000) * 0.01 ELSE round(lines_.price_per_unit * 0.000001, greatest(min_scale(lines_.price_per_unit * 0.000001), CASE WHEN lines_.currency_code IN ('EUR', 'USD') THEN 2 WHEN lines_.currency_code IS NULL OR lines_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN lines_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN lines_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END)) END, '"},"product":', CASE WHEN (lines_product_.id IS NULL) THEN 'null' ELSE concat('{"number":', json_scalar(lines_product_.number), '}') END, '}') AS text_0
FROM quote_line AS lines_ LEFT OUTER JOIN product AS lines_product_ ON lines_product_.id = lines_.product_id
WHERE lines_.quote_id = CAST(lines_keys_.value AS UUID) ORDER BY lines_.position ASC, lines_.id ASC
LIMIT 10::INTEGER) AS lines_page_ ON true
), p4(c0, owner) AS (
SELECT invoices_page_.text_0, invoices_keys_.value AS owner
FROM (SELECT c1 AS value
FROM p2
WHERE c1 IS NOT NULL AND c1 IS NOT NULL) AS invoices_keys_ JOIN LATERAL (SELECT concat('{"number":', CASE WHEN (invoices_.number IS NULL) THEN 'null' ELSE CAST(json_scalar(invoices_.number) AS TEXT) END, ',"dueOn":', CASE WHEN (invoices_.due_on IS NULL) THEN 'null' ELSE concat('"', invoices_.due_on, '"') END, ',"balance":{"amount":"', CASE WHEN mod(invoices_.balance, 10000) = 0 AND invoices_.currency_code NOT IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND', 'CLF', 'UYW') THEN (invoices_.balance / 10000) * 0.01 ELSE round(invoices_.balance * 0.000001, greatest(min_scale(invoices_.balance * 0.000001), CASE WHEN invoices_.currency_code IN ('EUR', 'USD') THEN 2 WHEN invoices_.currency_code IS NULL OR invoices_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN invoices_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN invoices_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END)) END, '","currencyCode":', json_scalar(invoices_.currency_code), '}}') AS text_0
FROM invoice AS invoices_
WHERE invoices_.order_id = CAST(invoices_keys_.value AS UUID) ORDER BY invoices_.id ASC
LIMIT 10::INTEGER) AS invoices_page_ ON true
)
SELECT string_agg(coalesce(c0::TEXT, ''), E'\x1e'), string_agg(coalesce(c1::TEXT, ''), E'\x1e'), NULL, NULL, 0, string_agg('', E'\x1e') FROM p0
UNION ALL SELECT string_agg(coalesce(c0::TEXT, ''), E'\x1e'), string_agg(coalesce(c1::TEXT, ''), E'\x1e'), NULL, NULL, 1, string_agg(owner, E'\x1e') FROM p1
UNION ALL SELECT string_agg(coalesce(c0::TEXT, ''), E'\x1e'), string_agg(coalesce(c1::TEXT, ''), E'\x1e'), string_agg(coalesce(c2::TEXT, ''), E'\x1e'), string_agg(coalesce(c3::TEXT, ''), E'\x1e'), 2, string_agg(owner, E'\x1e') FROM p2
UNION ALL SELECT string_agg(coalesce(c0::TEXT, ''), E'\x1e'), NULL, NULL, NULL, 3, string_agg(owner, E'\x1e') FROM p3
UNION ALL SELECT string_agg(coalesce(c0::TEXT, ''), E'\x1e'), NULL, NULL, NULL, 4, string_agg(owner, E'\x1e') FROM p4
-- 5 rows
