SELECT accounts_.number AS number_0, '' AS owner
FROM account AS accounts_
WHERE accounts_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID) ORDER BY accounts_.id ASC
LIMIT %(limit)s::INTEGER
-- 1 rows

WITH p0(c0, c1, c2, c3, c4, c5, owner) AS (
SELECT quotes_.number AS number_0, CAST(quotes_account_.id AS TEXT) AS account_id_1, quotes_account_.name AS account_name_2, CAST(quotes_opportunity_.id AS TEXT) AS opportunity_id_3, quotes_opportunity_.name AS opportunity_name_4, CAST(quotes_.id AS TEXT) AS id_5, '' AS owner
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
SELECT lines_page_.description_0, CAST(lines_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c5 AS UUID) AS value
FROM p0
WHERE c5 IS NOT NULL) AS lines_keys_ JOIN LATERAL (SELECT lines_.description AS description_0
FROM quote_line AS lines_
WHERE lines_.quote_id = lines_keys_.value AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = lines_.quote_id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID))) ORDER BY lines_.position ASC, lines_.id ASC
LIMIT 1::INTEGER) AS lines_page_ ON true
), p2(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote_line AS lines_
WHERE lines_.quote_id = lines_keys_.value AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = lines_.quote_id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)))
LIMIT 10001::INTEGER) AS lines_page_) AS anon_1, CAST(lines_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c5 AS UUID) AS value
FROM p0
WHERE c5 IS NOT NULL) AS lines_keys_
), p3(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)
LIMIT 10001::INTEGER) AS quotes_page_) AS anon_1, '' AS owner
)
SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, c4::TEXT, c5::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, NULL, NULL, NULL, NULL, 1, owner FROM p1
UNION ALL SELECT c0::TEXT, NULL, NULL, NULL, NULL, NULL, 2, owner FROM p2
UNION ALL SELECT c0::TEXT, NULL, NULL, NULL, NULL, NULL, 3, owner FROM p3
-- 7 rows

SELECT hidden_.name AS name_0
FROM account AS hidden_
WHERE hidden_.number = %(key)s::VARCHAR AND hidden_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)
-- 0 rows
