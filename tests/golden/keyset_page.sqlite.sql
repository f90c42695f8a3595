SELECT concat('{"number":', json_quote(quotes_.number), ',"validUntil":', CASE WHEN (quotes_.valid_until IS NULL) THEN 'null' ELSE concat('"', quotes_.valid_until, '"') END, ',"total":{"amount":"', CASE WHEN quotes_.total % 10000 = 0 AND quotes_.total >= 1000000 AND CASE WHEN quotes_.currency_code IN ('EUR', 'USD') THEN 2 WHEN quotes_.currency_code IS NULL OR quotes_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN quotes_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN quotes_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END = 2 THEN concat(quotes_.total / 1000000, '.', substr(quotes_.total, -6, 2)) ELSE rtrim(concat(iif(quotes_.total < 0, '-', ''), abs(quotes_.total) / 1000000, '.', substr(format('%06d', abs(quotes_.total) % 1000000), 1, max(CASE WHEN quotes_.currency_code IN ('EUR', 'USD') THEN 2 WHEN quotes_.currency_code IS NULL OR quotes_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN quotes_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN quotes_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END, length(rtrim(format('%06d', abs(quotes_.total) % 1000000), '0'))))), '.') END, '"}}') AS text_0, quotes_.valid_until AS valid_until_key, quotes_.total AS total_key, quotes_.id AS id_key, 0 AS owner
FROM quote AS quotes_ ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT +? OFFSET +?
-- 3 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
LIMIT +? OFFSET +?) AS quotes_page_) AS anon_1, 0 AS owner
-- 1 rows

SELECT opportunities_.id AS id_0, concat('{"name":', json_quote(opportunities_.name), ',"quotes":') AS text_1, 0 AS owner
FROM opportunity AS opportunities_ ORDER BY opportunities_.id ASC
LIMIT +? OFFSET +?
-- 3 rows

SELECT concat('{"number":', json_quote(quotes_.number), '}') AS text_0, quotes_keys_."key" AS owner
FROM json_each(+?) AS quotes_keys_ JOIN quote AS quotes_ ON quotes_.rowid IN (SELECT quotes_page_.rowid
FROM quote AS quotes_page_
WHERE quotes_page_.opportunity_id = unhex(quotes_keys_.value) ORDER BY quotes_page_.total ASC, quotes_page_.id ASC
LIMIT +? OFFSET +?) ORDER BY quotes_keys_."key", quotes_.total ASC, quotes_.id ASC
-- 3 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.opportunity_id = unhex(quotes_keys_.value)
LIMIT +? OFFSET +?) AS quotes_page_) AS anon_1, quotes_keys_."key" AS owner
FROM json_each(+?) AS quotes_keys_
-- 3 rows
