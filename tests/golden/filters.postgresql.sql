WITH p0(c0, c1, owner) AS (
SELECT CAST(quotes_.id AS TEXT) AS id_0, concat('{"number":', json_scalar(quotes_.number), ',"lines":') AS text_1, '' AS owner
FROM quote AS quotes_
WHERE (quotes_.valid_until < %(p0_where_1)s::DATE) IS NOT true AND (quotes_.account_id IN (SELECT quotes_where_1_.id
FROM account AS quotes_where_1_
WHERE starts_with(quotes_where_1_.name, %(p0_where_2)s::VARCHAR)) OR (EXISTS (SELECT 1
FROM "order" AS quotes_where_2_
WHERE quotes_where_2_.quote_id = quotes_.id)) IS NOT true) AND quotes_.status = any(%(p0_where_4)s::TEXT[]) AND quotes_.total >= %(p0_where_5)s::BIGINT ORDER BY quotes_.total DESC, quotes_.id DESC
LIMIT 2::INTEGER
), p1(c0, owner) AS (
SELECT lines_page_.text_0, lines_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p0
WHERE c0 IS NOT NULL) AS lines_keys_ JOIN LATERAL (SELECT concat('{"description":', json_scalar(lines_.description), '}') AS text_0
FROM quote_line AS lines_
WHERE lines_.quote_id = CAST(lines_keys_.value AS UUID) AND lines_.product_id IN (SELECT lines_where_1_.id
FROM product AS lines_where_1_
WHERE lines_where_1_.number = %(p1_where_1)s::VARCHAR) ORDER BY lines_.position ASC, lines_.id ASC
LIMIT 25::INTEGER) AS lines_page_ ON true
), p2(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE (quotes_.valid_until < %(p2_where_1)s::DATE) IS NOT true AND (quotes_.account_id IN (SELECT quotes_where_1_.id
FROM account AS quotes_where_1_
WHERE starts_with(quotes_where_1_.name, %(p2_where_2)s::VARCHAR)) OR (EXISTS (SELECT 1
FROM "order" AS quotes_where_2_
WHERE quotes_where_2_.quote_id = quotes_.id)) IS NOT true) AND quotes_.status = any(%(p2_where_4)s::TEXT[]) AND quotes_.total >= %(p2_where_5)s::BIGINT
LIMIT 10001::INTEGER) AS quotes_page_) AS anon_1, '' AS owner
)
SELECT c0::TEXT, c1::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, 1, owner FROM p1
UNION ALL SELECT c0::TEXT, NULL, 2, owner FROM p2
-- 5 rows
