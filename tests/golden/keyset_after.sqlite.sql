SELECT quotes_.number AS number_0, quotes_.valid_until AS valid_until_1, quotes_.total AS total_2, quotes_.currency_code AS currency_code_3, '' AS owner
FROM quote AS quotes_
WHERE quotes_.valid_until < ? OR quotes_.valid_until IS NULL OR quotes_.valid_until = ? AND (quotes_.total > ? OR quotes_.total = ? AND quotes_.id > ?) ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT +? OFFSET ?
-- 3 rows

SELECT EXISTS (SELECT 1
FROM quote AS quotes_
WHERE quotes_.valid_until > ? OR quotes_.valid_until = ? AND (quotes_.total < ? OR quotes_.total = ? AND quotes_.id < ?) OR quotes_.valid_until = ? AND quotes_.total = ? AND quotes_.id = ?) AS anon_1, 0, '' AS owner
-- 1 rows

SELECT "byNumber_".number AS number_0, '' AS owner
FROM quote AS "byNumber_" ORDER BY "byNumber_".number DESC, "byNumber_".id DESC
LIMIT +? OFFSET ?
-- 3 rows
