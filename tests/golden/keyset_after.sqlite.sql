SELECT concat('{"number":', json_quote(quotes_.number), ',"validUntil":', CASE WHEN (quotes_.valid_until IS NULL) THEN 'null' ELSE concat('"', quotes_.valid_until, '"') END, ',"total":{"amount":"', CASE WHEN quotes_.total % 10000 = 0 AND quotes_.total >= 1000000 AND CASE WHEN quotes_.currency_code IN ('EUR', 'USD') THEN 2 WHEN quotes_.currency_code IS NULL OR quotes_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN quotes_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN quotes_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END = 2 THEN concat(quotes_.total / 1000000, '.', substr(quotes_.total, -6, 2)) ELSE rtrim(concat(iif(quotes_.total < 0, '-', ''), abs(quotes_.total) / 1000000, '.', substr(format('%06d', abs(quotes_.total) % 1000000), 1, max(CASE WHEN quotes_.currency_code IN ('EUR', 'USD') THEN 2 WHEN quotes_.currency_code IS NULL OR quotes_.currency_code IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN quotes_.currency_code IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN quotes_.currency_code IN ('CLF', 'UYW') THEN 4 ELSE 2 END, length(rtrim(format('%06d', abs(quotes_.total) % 1000000), '0'))))), '.') END, '"}}') AS text_0, 0 AS owner
FROM quote AS quotes_
WHERE quotes_.valid_until < +? OR quotes_.valid_until IS NULL OR quotes_.valid_until = +? AND (quotes_.total > +? OR quotes_.total = +? AND quotes_.id > +?) ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT +? OFFSET +?
-- 3 rows

SELECT EXISTS (SELECT 1
FROM quote AS quotes_
WHERE quotes_.valid_until > +? OR quotes_.valid_until = +? AND (quotes_.total < +? OR quotes_.total = +? AND quotes_.id < +?) OR quotes_.valid_until = +? AND quotes_.total = +? AND quotes_.id = +?) AS anon_1, 0, 0 AS owner
-- 1 rows

SELECT concat('{"number":', json_quote("byNumber_".number), '}') AS text_0, 0 AS owner
FROM quote AS "byNumber_" ORDER BY "byNumber_".number DESC, "byNumber_".id DESC
LIMIT +? OFFSET +?
-- 3 rows
