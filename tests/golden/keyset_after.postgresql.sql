SELECT quotes_.number AS number_0, to_char(quotes_.valid_until, 'YYYY-MM-DD') AS valid_until_text_1, quotes_.total AS total_2, quotes_.currency_code AS currency_code_3
FROM quote AS quotes_
WHERE quotes_.valid_until < %(after_0)s::DATE OR quotes_.valid_until IS NULL OR quotes_.valid_until = %(after_0)s::DATE AND (quotes_.total > %(after_1)s::BIGINT OR quotes_.total = %(after_1)s::BIGINT AND quotes_.id > %(after_2)s::UUID) ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT %(limit)s::INTEGER
-- 3 rows

SELECT EXISTS (SELECT 1
FROM quote AS quotes_
WHERE quotes_.valid_until > %(after_0)s::DATE OR quotes_.valid_until = %(after_0)s::DATE AND (quotes_.total < %(after_1)s::BIGINT OR quotes_.total = %(after_1)s::BIGINT AND quotes_.id < %(after_2)s::UUID) OR quotes_.valid_until = %(after_0)s::DATE AND quotes_.total = %(after_1)s::BIGINT AND quotes_.id = %(after_2)s::UUID) AS anon_1, 0, 0 AS place
-- 1 rows

SELECT "byNumber_".number AS number_0
FROM quote AS "byNumber_" ORDER BY "byNumber_".number DESC, "byNumber_".id DESC
LIMIT %(limit)s::INTEGER
-- 3 rows
