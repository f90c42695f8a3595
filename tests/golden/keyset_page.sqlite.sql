SELECT quotes_.number AS number_0, quotes_.valid_until AS valid_until_1, quotes_.total AS total_2, quotes_.currency_code AS currency_code_3, quotes_.valid_until AS valid_until_key, quotes_.total AS total_key, quotes_.id AS id_key, '' AS owner
FROM quote AS quotes_ ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT +? OFFSET ?
-- 3 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
LIMIT +? OFFSET ?) AS quotes_page_) AS anon_1, '' AS owner
-- 1 rows

SELECT opportunities_.name AS name_0, opportunities_.id AS id_1, '' AS owner
FROM opportunity AS opportunities_ ORDER BY opportunities_.id ASC
LIMIT +? OFFSET ?
-- 3 rows

SELECT quotes_.number AS number_0, unhex(quotes_keys_.value) AS owner
FROM json_each(?) AS quotes_keys_ JOIN quote AS quotes_ ON quotes_.id IN (SELECT quotes_page_.id
FROM quote AS quotes_page_
WHERE quotes_page_.opportunity_id = unhex(quotes_keys_.value) ORDER BY quotes_page_.total ASC, quotes_page_.id ASC
LIMIT +? OFFSET ?) ORDER BY quotes_keys_."key", quotes_.total ASC, quotes_.id ASC
-- 3 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.opportunity_id = unhex(quotes_keys_.value)
LIMIT +? OFFSET ?) AS quotes_page_) AS anon_1, unhex(quotes_keys_.value) AS owner
FROM json_each(?) AS quotes_keys_
-- 3 rows
