SELECT concat('{"number":', json_scalar(accounts_.number), '}') AS text_0, '' AS owner
FROM account AS accounts_
WHERE accounts_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID) ORDER BY accounts_.id ASC
LIMIT 25::INTEGER
-- 1 rows

WITH p0(c0, c1, owner) AS (
SELECT CAST(quotes_.id AS TEXT) AS id_0, concat('{"number":', json_scalar(quotes_.number), ',"account":', CASE WHEN (quotes_account_.id IS NULL) THEN 'null' ELSE concat('{"name":', json_scalar(quotes_account_.name), '}') END, ',"opportunity":', CASE WHEN (quotes_opportunity_.id IS NULL) THEN 'null' ELSE concat('{"name":', json_scalar(quotes_opportunity_.name), '}') END, ',"lines":') AS text_1, '' AS owner
FROM quote AS quotes_ LEFT OUTER JOIN account AS quotes_account_ ON quotes_account_.id = quotes_.account_id AND quotes_account_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID) LEFT OUTER JOIN opportunity AS quotes_opportunity_ ON quotes_opportunity_.id = quotes_.opportunity_id AND quotes_opportunity_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)
WHERE quotes_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID) ORDER BY quotes_.id ASC
LIMIT 3::INTEGER
), p1(c0, owner) AS (
SELECT lines_page_.text_0, lines_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p0
WHERE c0 IS NOT NULL) AS lines_keys_ JOIN LATERAL (SELECT concat('{"description":', json_scalar(lines_.description), '}') AS text_0
FROM quote_line AS lines_
WHERE lines_.quote_id = CAST(lines_keys_.value AS UUID) AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = lines_.quote_id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID))) ORDER BY lines_.position ASC, lines_.id ASC
LIMIT 1::INTEGER) AS lines_page_ ON true
), p2(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote_line AS lines_
WHERE lines_.quote_id = CAST(lines_keys_.value AS UUID) AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = lines_.quote_id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)))
LIMIT 10001::INTEGER) AS lines_page_) AS anon_1, lines_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p0
WHERE c0 IS NOT NULL) AS lines_keys_
), p3(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)
LIMIT 10001::INTEGER) AS quotes_page_) AS anon_1, '' AS owner
)
SELECT c0::TEXT, c1::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, 1, owner FROM p1
UNION ALL SELECT c0::TEXT, NULL, 2, owner FROM p2
UNION ALL SELECT c0::TEXT, NULL, 3, owner FROM p3
-- 7 rows

SELECT concat('{"name":', json_scalar(hidden_.name), '}') AS text_0
FROM account AS hidden_
WHERE hidden_.number = %(key)s::VARCHAR AND hidden_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)
-- 0 rows
