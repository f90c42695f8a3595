SELECT quotes_.number AS number_0, to_char(quotes_.valid_until, 'YYYY-MM-DD') AS valid_until_text_1, quotes_.total AS total_2, quotes_.currency_code AS currency_code_3, to_char(quotes_.valid_until, 'YYYY-MM-DD') AS valid_until_key, quotes_.total AS total_key, quotes_.id AS id_key
FROM quote AS quotes_ ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT %(limit)s::INTEGER
-- 3 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
LIMIT %(limit)s::INTEGER) AS quotes_page_) AS anon_1, 0 AS place
-- 1 rows

SELECT opportunities_.name AS name_0, opportunities_.id AS id_1
FROM opportunity AS opportunities_ ORDER BY opportunities_.id ASC
LIMIT %(limit)s::INTEGER
-- 3 rows

SELECT quotes_page_.number_0, quotes_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS quotes_keys_(value, place) JOIN LATERAL (SELECT quotes_.number AS number_0
FROM quote AS quotes_
WHERE quotes_.opportunity_id = quotes_keys_.value ORDER BY quotes_.total ASC, quotes_.id ASC
LIMIT %(limit)s::INTEGER) AS quotes_page_ ON true
-- 6 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.opportunity_id = quotes_keys_.value
LIMIT %(limit)s::INTEGER) AS quotes_page_) AS anon_1, quotes_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS quotes_keys_(value, place)
-- 3 rows
