WITH p0(c0, c1, c2, c3, c4, c5, c6, owner) AS (
SELECT quotes_.number AS number_0, CAST(quotes_.valid_until AS TEXT) AS valid_until_1, CAST(quotes_.total AS TEXT) AS total_2, quotes_.currency_code AS currency_code_3, CAST(quotes_.valid_until AS TEXT) AS valid_until_key, CAST(quotes_.total AS TEXT) AS total_key, CAST(quotes_.id AS TEXT) AS id_key, '' AS owner
FROM quote AS quotes_ ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT 3::INTEGER
), p1(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
LIMIT 5::INTEGER) AS quotes_page_) AS anon_1, '' AS owner
)
SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, c4::TEXT, c5::TEXT, c6::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, NULL, NULL, NULL, NULL, NULL, 1, owner FROM p1
-- 4 rows

WITH p0(c0, c1, owner) AS (
SELECT opportunities_.name AS name_0, CAST(opportunities_.id AS TEXT) AS id_1, '' AS owner
FROM opportunity AS opportunities_ ORDER BY opportunities_.id ASC
LIMIT 25::INTEGER
), p1(c0, owner) AS (
SELECT quotes_page_.number_0, CAST(quotes_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c1 AS UUID) AS value
FROM p0
WHERE c1 IS NOT NULL) AS quotes_keys_ JOIN LATERAL (SELECT quotes_.number AS number_0
FROM quote AS quotes_
WHERE quotes_.opportunity_id = quotes_keys_.value ORDER BY quotes_.total ASC, quotes_.id ASC
LIMIT 1::INTEGER) AS quotes_page_ ON true
), p2(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.opportunity_id = quotes_keys_.value
LIMIT 10001::INTEGER) AS quotes_page_) AS anon_1, CAST(quotes_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c1 AS UUID) AS value
FROM p0
WHERE c1 IS NOT NULL) AS quotes_keys_
)
SELECT c0::TEXT, c1::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, 1, owner FROM p1
UNION ALL SELECT c0::TEXT, NULL, 2, owner FROM p2
-- 9 rows
