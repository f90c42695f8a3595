WITH p0(c0, c1, c2, c3, owner) AS (
SELECT concat('{"number":', json_scalar(quotes_.number), ',"validUntil":', CASE WHEN (quotes_.valid_until IS NULL) THEN 'null' ELSE concat('"', quotes_.valid_until, '"') END, ',"total":{"amount":"', CASE WHEN mod(quotes_.total, 10000) = 0 AND quotes_.currency_code NOT IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND', 'CLF', 'UYW') THEN (quotes_.total / 10000) * 0.01 ELSE round(quotes_.total * 0.000001, greatest(min_scale(quotes_.total * 0.000001), CASE WHEN quotes_.currency_code IN ('EUR', 'USD') THEN 2 WHEN quotes_.currency_code IS NULL OR quotes_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN quotes_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN quotes_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END)) END, '"}}') AS text_0, CAST(quotes_.valid_until AS TEXT) AS valid_until_key, CAST(quotes_.total AS TEXT) AS total_key, CAST(quotes_.id AS TEXT) AS id_key, '' AS owner
FROM quote AS quotes_ ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT 3::INTEGER
), p1(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
LIMIT 5::INTEGER) AS quotes_page_) AS anon_1, '' AS owner
)
SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, NULL, NULL, 1, owner FROM p1
-- 4 rows

WITH p0(c0, c1, owner) AS (
SELECT CAST(opportunities_.id AS TEXT) AS id_0, concat('{"name":', json_scalar(opportunities_.name), ',"quotes":') AS text_1, '' AS owner
FROM opportunity AS opportunities_ ORDER BY opportunities_.id ASC
LIMIT 25::INTEGER
), p1(c0, owner) AS (
SELECT quotes_page_.text_0, quotes_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p0
WHERE c0 IS NOT NULL) AS quotes_keys_ JOIN LATERAL (SELECT concat('{"number":', json_scalar(quotes_.number), '}') AS text_0
FROM quote AS quotes_
WHERE quotes_.opportunity_id = CAST(quotes_keys_.value AS UUID) ORDER BY quotes_.total ASC, quotes_.id ASC
LIMIT 1::INTEGER) AS quotes_page_ ON true
), p2(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.opportunity_id = CAST(quotes_keys_.value AS UUID)
LIMIT 10001::INTEGER) AS quotes_page_) AS anon_1, quotes_keys_.value AS owner
FROM (SELECT c0 AS value
FROM p0
WHERE c0 IS NOT NULL) AS quotes_keys_
)
SELECT c0::TEXT, c1::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, 1, owner FROM p1
UNION ALL SELECT c0::TEXT, NULL, 2, owner FROM p2
-- 9 rows
