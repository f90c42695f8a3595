WITH p0(c0, owner) AS (
SELECT concat('{"number":', json_scalar(quotes_.number), ',"validUntil":', CASE WHEN (quotes_.valid_until IS NULL) THEN 'null' ELSE concat('"', quotes_.valid_until, '"') END, ',"total":{"amount":"', CASE WHEN mod(quotes_.total, 10000) = 0 AND quotes_.currency_code NOT IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF', 'BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND', 'CLF', 'UYW') THEN (quotes_.total / 10000) * 0.01 ELSE round(quotes_.total * 0.000001, greatest(min_scale(quotes_.total * 0.000001), CASE WHEN quotes_.currency_code IN ('EUR', 'USD') THEN 2 WHEN quotes_.currency_code IS NULL OR quotes_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN quotes_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN quotes_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END)) END, '"}}') AS text_0, '' AS owner
FROM quote AS quotes_
WHERE quotes_.valid_until < %(p0_after_0)s::DATE OR quotes_.valid_until IS NULL OR quotes_.valid_until = %(p0_after_0)s::DATE AND (quotes_.total > %(p0_after_1)s::BIGINT OR quotes_.total = %(p0_after_1)s::BIGINT AND quotes_.id > %(p0_after_2)s::UUID) ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT 3::INTEGER
), p1(c0, c1, owner) AS (
SELECT EXISTS (SELECT 1
FROM quote AS quotes_
WHERE quotes_.valid_until > %(p1_after_0)s::DATE OR quotes_.valid_until = %(p1_after_0)s::DATE AND (quotes_.total < %(p1_after_1)s::BIGINT OR quotes_.total = %(p1_after_1)s::BIGINT AND quotes_.id < %(p1_after_2)s::UUID) OR quotes_.valid_until = %(p1_after_0)s::DATE AND quotes_.total = %(p1_after_1)s::BIGINT AND quotes_.id = %(p1_after_2)s::UUID) AS anon_1, 0, '' AS owner
)
SELECT c0::TEXT, NULL, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, c1::TEXT, 1, owner FROM p1
-- 4 rows

SELECT concat('{"number":', json_scalar("byNumber_".number), '}') AS text_0, '' AS owner
FROM quote AS "byNumber_" ORDER BY "byNumber_".number DESC, "byNumber_".id DESC
LIMIT 3::INTEGER
-- 3 rows
