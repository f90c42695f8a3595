SELECT quotes_.number AS number_0, quotes_.id AS id_1
FROM quote AS quotes_
WHERE (quotes_.valid_until < %(where_1)s::DATE) IS NOT true AND (quotes_.account_id IN (SELECT quotes_where_1_.id
FROM account AS quotes_where_1_
WHERE starts_with(quotes_where_1_.name, %(where_2)s::VARCHAR)) OR (EXISTS (SELECT 1
FROM "order" AS quotes_where_2_
WHERE quotes_where_2_.quote_id = quotes_.id)) IS NOT true) AND quotes_.status = any(%(where_4)s::TEXT[]) AND quotes_.total >= %(where_5)s::BIGINT ORDER BY quotes_.total DESC, quotes_.id DESC
LIMIT %(limit)s::INTEGER
-- 2 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE (quotes_.valid_until < %(where_1)s::DATE) IS NOT true AND (quotes_.account_id IN (SELECT quotes_where_1_.id
FROM account AS quotes_where_1_
WHERE starts_with(quotes_where_1_.name, %(where_2)s::VARCHAR)) OR (EXISTS (SELECT 1
FROM "order" AS quotes_where_2_
WHERE quotes_where_2_.quote_id = quotes_.id)) IS NOT true) AND quotes_.status = any(%(where_4)s::TEXT[]) AND quotes_.total >= %(where_5)s::BIGINT
LIMIT %(limit)s::INTEGER) AS quotes_page_) AS anon_1, 0 AS place
-- 1 rows

SELECT lines_page_.description_0, lines_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS lines_keys_(value, place) JOIN LATERAL (SELECT lines_.description AS description_0
FROM quote_line AS lines_
WHERE lines_.quote_id = lines_keys_.value AND lines_.product_id IN (SELECT lines_where_1_.id
FROM product AS lines_where_1_
WHERE lines_where_1_.number = %(where_1)s::VARCHAR) ORDER BY lines_.position ASC, lines_.id ASC
LIMIT %(limit)s::INTEGER) AS lines_page_ ON true
-- 2 rows
